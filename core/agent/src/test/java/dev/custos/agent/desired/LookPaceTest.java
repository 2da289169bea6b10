package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LookPaceTest {
  private final LookPace pace = new LookPace();

  @Test
  void looksBecomeRarerUntilSomethingHappens() {
    assertThat(pace.next()).isEqualTo(LookPace.FIRST);
    pace.looked(Duration.ofMillis(1));
    assertThat(pace.next()).isEqualTo(Duration.ofMillis(100));
    for (int i = 0; i < 20; i++) {
      pace.looked(Duration.ofMillis(1));
    }
    assertThat(pace.next()).isEqualTo(LookPace.LONGEST);
    pace.restart();
    assertThat(pace.next()).isEqualTo(LookPace.FIRST);
  }

  @Test
  void aLookThatTakesLongIsRestedFromHoweverOftenSomethingHappens() {
    for (int i = 0; i < 100; i++) {
      pace.looked(Duration.ofMillis(400));
      pace.restart();
      assertThat(pace.next()).isEqualTo(Duration.ofMillis(1600));
    }
    pace.looked(Duration.ofMinutes(1));
    assertThat(pace.next()).as("never for ever").isEqualTo(LookPace.LONGEST);
    pace.restart();
    pace.looked(Duration.ofHours(-1));
    assertThat(pace.next()).as("after the clock was set").isEqualTo(Duration.ofMillis(100));
  }
}

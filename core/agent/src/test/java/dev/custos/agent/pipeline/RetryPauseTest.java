package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetryPauseTest {
  private static final RetryPolicy POLICY =
      new RetryPolicy(Duration.ofSeconds(5), Duration.ofSeconds(30), 1.5, Optional.empty());

  @Test
  void pausesGrowByTheMultiplierUpToTheLongestEachUpToAFifthShorter() {
    RetryPause pause = new RetryPause();
    double[] expected = {5, 7.5, 11.25, 16.875, 25.3125, 30, 30};
    for (double seconds : expected) {
      double got = pause.next(POLICY).toNanos() / 1e9;
      assertThat(got).isBetween(seconds * 0.8 - 1e-6, seconds + 1e-6);
    }
    pause.reset();
    assertThat(pause.next(POLICY)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
  }

  @Test
  void agentsThatFailedTogetherDoNotComeBackTogether() {
    Set<Duration> first = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      first.add(new RetryPause().next(POLICY));
    }
    assertThat(first).hasSizeGreaterThan(40);
  }

  @Test
  void whatAReceiverAsksForIsKeptWithinABound() {
    assertThat(RetryPause.asked(Duration.ofMinutes(2), POLICY)).isEqualTo(Duration.ofMinutes(2));
    assertThat(RetryPause.asked(Duration.ofDays(1), POLICY)).isEqualTo(Duration.ofMinutes(5));
    RetryPolicy patient =
        new RetryPolicy(Duration.ofSeconds(5), Duration.ofHours(1), 2, Optional.empty());
    assertThat(RetryPause.asked(Duration.ofDays(1), patient)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void neverIsNever() {
    RetryPause pause = new RetryPause();
    pause.next(POLICY);
    assertThat(pause.isOver(POLICY)).isFalse();
  }
}

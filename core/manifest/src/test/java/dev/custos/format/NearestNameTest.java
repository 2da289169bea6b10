package dev.custos.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> EVENTS = List.of("open", "modify", "move", "movedto");

  @Test
  void aLetterTooFewTooManyOrWrongIsForgiven() {
    assertThat(NearestName.of("modfy", EVENTS)).contains("modify");
    assertThat(NearestName.of("modiffy", EVENTS)).contains("modify");
    assertThat(NearestName.of("nodify", EVENTS)).contains("modify");
    assertThat(NearestName.of("mdoify", EVENTS)).contains("modify");
    assertThat(NearestName.of("OPEN", EVENTS)).contains("open");
  }

  @Test
  void somethingElseGetsNoHint() {
    assertThat(NearestName.hint("rename", EVENTS)).isEmpty();
    assertThat(NearestName.of("", EVENTS)).isEmpty();
    assertThat(NearestName.of("m".repeat(1000), EVENTS)).isEmpty();
  }

  @Test
  void theNearestWins() {
    assertThat(NearestName.hint("moved", EVENTS)).isEqualTo("; did you mean \"move\"?");
  }
}

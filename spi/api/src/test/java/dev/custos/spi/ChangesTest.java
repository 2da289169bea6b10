package dev.custos.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesTest {
  @Test
  void eachElementIsInOneListInTheOrderOfItsPlan() {
    Changes<String> changes =
        Changes.between(List.of("d", "c", "b", "a"), List.of("e", "a", "c", "f"));

    assertThat(changes.removed()).containsExactly("d", "b");
    assertThat(changes.kept()).containsExactly("c", "a");
    assertThat(changes.added()).containsExactly("e", "f");
    assertThat(changes.isEmpty()).isFalse();
  }

  @Test
  void theSamePlanInAnotherOrderChangesNothing() {
    Changes<String> changes = Changes.between(List.of("a", "b"), List.of("b", "a"));

    assertThat(changes.isEmpty()).isTrue();
    assertThat(changes.kept()).containsExactly("a", "b");
  }

  @Test
  void anElementGivenTwiceCountsOnce() {
    Changes<String> changes = Changes.between(List.of("a", "a"), List.of("b", "a", "b"));

    assertThat(changes.kept()).containsExactly("a");
    assertThat(changes.added()).containsExactly("b");
    assertThat(changes.removed()).isEmpty();
  }

  @Test
  void fromNothingAndToNothing() {
    assertThat(Changes.between(List.of(), List.of("a")).added()).containsExactly("a");
    assertThat(Changes.between(List.of("a"), List.of()).removed()).containsExactly("a");
    assertThat(Changes.between(List.of(), List.of()).isEmpty()).isTrue();
  }
}

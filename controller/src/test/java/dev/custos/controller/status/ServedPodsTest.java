package dev.custos.controller.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.status.ServedPods.Changes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServedPodsTest {
  private static final Changes NONE = new Changes(List.of(), List.of());
  private static final Map<String, String> BOTH = Map.of("u1", "web-1", "u2", "web-2");
  private static final long LATER = Duration.ofMinutes(2).toNanos();

  @Test
  void aPodIsToldOfOnceAndAgainWhenItGoes() {
    ServedPods pods = new ServedPods(0, 0);
    assertThat(pods.update(Set.of("u1", "u2"), BOTH, 1))
        .isEqualTo(new Changes(List.of("web-1", "web-2"), List.of()));
    assertThat(pods.update(Set.of("u1", "u2"), BOTH, 2)).isEqualTo(NONE);
    assertThat(pods.update(Set.of("u1"), Map.of("u1", "web-1"), 3))
        .isEqualTo(new Changes(List.of(), List.of("web-2")));
  }

  @Test
  void anAgentThatIsAwayForAWhileIsNoNewsOfItsPods() {
    ServedPods pods = new ServedPods(0, 0);
    pods.update(Set.of("u1"), Map.of("u1", "web-1"), 1);
    assertThat(pods.update(Set.of("u1"), Map.of(), 2)).isEqualTo(NONE);
    assertThat(pods.update(Set.of("u1"), Map.of("u1", "web-1"), 3)).isEqualTo(NONE);
  }

  @Test
  void aNewLeaderTellsOnlyOfMoreThanTheStatusKnewAlready() {
    ServedPods pods = new ServedPods(1, 0);
    assertThat(pods.update(Set.of("u1", "u2"), Map.of("u1", "web-1"), 1)).isEqualTo(NONE);
    assertThat(pods.update(Set.of("u1", "u2"), BOTH, 2).added()).containsExactly("web-2");
  }

  @Test
  void whatComesLongAfterANewLeadersStartIsNews() {
    ServedPods pods = new ServedPods(2, 0);
    assertThat(pods.update(Set.of("u1"), Map.of("u1", "web-1"), LATER).added())
        .containsExactly("web-1");
  }
}

package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Backend;
import dev.custos.spi.Inspection;
import dev.custos.spi.watch.WatchPlan;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackendInspectorTest {
  private static final Inspection FINE = Inspection.of("a", 2, 2, List.of());
  private static final Inspection LOST = Inspection.of("a", 2, 1, List.of("watch 7 is missing"));
  private static final Inspection MORE_LOST = Inspection.of("a", 2, 0, List.of("all are missing"));
  private static final Inspection OTHERS_LOST = Inspection.of("b", 1, 0, List.of());

  private Inspection found = FINE;
  private boolean open = true;
  private final List<String> renewed = new ArrayList<>();
  private final List<String> sound = new ArrayList<>();
  private final BackendInspector inspector =
      new BackendInspector(
          "inotify",
          new BackendInspector.Subject() {
            @Override
            public Optional<BackendInspector.Life> life() {
              return open
                  ? Optional.of(new BackendInspector.Life(5, new Found()))
                  : Optional.empty();
            }

            @Override
            public void compared(long generation, Instant at, Set<String> differing) {
              sound.add(generation + ": all but " + differing);
            }

            @Override
            public void renew(long generation, String target, String reason) {
              renewed.add(generation + ": " + target + ": " + reason);
            }
          },
          Clock.systemUTC());

  private final class Found implements Backend<WatchPlan> {
    @Override
    public ApplyReport apply(WatchPlan desired) {
      throw new AssertionError("an inspection applies nothing by itself");
    }

    @Override
    public Inspection inspect() {
      if (found == null) {
        throw new IllegalStateException("closed");
      }
      return found;
    }

    @Override
    public void close() {}
  }

  private void lookTwice() {
    inspector.inspect(false);
    inspector.inspect(true);
  }

  @Test
  void whatIsAsItShouldBeIsLeftAlone() {
    assertThat(inspector.inspect(false)).contains(FINE);
    assertThat(inspector.isSuspicious()).isFalse();
    assertThat(inspector.differences()).isZero();
  }

  @Test
  void aTargetsDifferenceThatStaysHasThatTargetGivenItsPlanAnew() {
    found = LOST;
    inspector.inspect(false);
    assertThat(inspector.isSuspicious()).isTrue();
    assertThat(renewed).isEmpty();
    inspector.inspect(true);
    assertThat(renewed)
        .containsExactly(
            "5: a: inotify had other kernel objects than it should: watch 7 is missing");
    assertThat(sound).containsOnly("5: all but [a]");
    assertThat(inspector.differences()).isEqualTo(1);
  }

  @Test
  void aDifferenceThatPassesIsNone() {
    found = LOST;
    inspector.inspect(false);
    found = FINE;
    inspector.inspect(true);
    assertThat(renewed).isEmpty();
    assertThat(inspector.differences()).isZero();
  }

  @Test
  void whatIsOnItsWayAndDiffersOtherwiseTheNextTimeIsNone() {
    found = LOST;
    inspector.inspect(false);
    found = MORE_LOST;
    inspector.inspect(true);
    assertThat(renewed).isEmpty();
  }

  @Test
  void whatAPlanAnewDoesNotPutRightIsCountedButNotTriedAgain() {
    found = LOST;
    lookTwice();
    lookTwice();
    assertThat(renewed).hasSize(1);
    assertThat(inspector.differences()).isEqualTo(2);
    found = MORE_LOST;
    lookTwice();
    assertThat(renewed).hasSize(2);
    found = FINE;
    lookTwice();
    found = LOST;
    lookTwice();
    assertThat(renewed).hasSize(3);
  }

  @Test
  void eachTargetIsJudgedByItself() {
    found = LOST;
    inspector.inspect(false);
    found = LOST.and(OTHERS_LOST);
    inspector.inspect(true);
    assertThat(renewed).singleElement().asString().startsWith("5: a: ");
    lookTwice();
    assertThat(renewed).hasSize(2).last().asString().contains("5: b: ", "0 kernel objects of 1");
    assertThat(inspector.differences()).isEqualTo(2);
  }

  @Test
  void aDifferenceThatIsOfNoTargetIsCountedAndNobodysToMend() {
    found = new Inspection(2, 1, Map.of());
    lookTwice();
    assertThat(inspector.differences()).isEqualTo(1);
    assertThat(renewed).isEmpty();
  }

  @Test
  void aBackendThatIsClosedOrWasNeverOpenedIsNotCompared() {
    open = false;
    assertThat(inspector.inspect(false)).isEmpty();
    open = true;
    found = null;
    assertThat(inspector.inspect(false)).isEmpty();
    assertThat(inspector.isSuspicious()).isFalse();
  }
}

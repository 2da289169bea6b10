package dev.custos.controller.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.snapshot.ResourceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventTotalsTest {
  private static final ResourceKey WEB = new ResourceKey("ArgusWatcher", "default", "web");
  private static final ResourceKey OTHERS_WEB = new ResourceKey("ArgusWatcher", "other", "web");
  private static final ResourceKey GUARD = new ResourceKey("JanusGuard", "default", "g");
  private static final Instant TERM = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final EventTotals totals = new EventTotals(nanos::get);

  @Test
  void eachKindHasItsSeriesByNameEventAndNode() {
    tell("n1", "run", total(WEB, "CLOSE_WRITE", 3), total(GUARD, "OPEN_PERM", 5));
    tell("n2", "run-2", total(WEB, "CLOSE_WRITE", 4));
    assertThat(totals.read("ArgusWatcher"))
        .isEqualTo(
            Map.of(
                List.of("web", "close_write", "n1"), 3.0,
                List.of("web", "close_write", "n2"), 4.0));
    assertThat(totals.read("JanusGuard")).isEqualTo(Map.of(List.of("g", "open_perm", "n1"), 5.0));
    assertThat(totals.read("FimWatcher")).isEmpty();
  }

  @Test
  void aBatchThatComesTwiceOrGotLostChangesNothing() {
    tell("n1", "run", total(WEB, "OPEN", 3));
    tell("n1", "run", total(WEB, "OPEN", 3));
    tell("n1", "run", total(WEB, "OPEN", 9));
    assertThat(open("n1")).isEqualTo(9);
  }

  @Test
  void totalsGrowOnOverReconnectsAndRestartsOfTheAgent() {
    tell("n1", "run", total(WEB, "OPEN", 3));
    totals.gone("n1");
    tell("n1", "run", total(WEB, "OPEN", 4));
    totals.gone("n1");
    tell("n1", "next-run", total(WEB, "OPEN", 2));
    assertThat(open("n1")).isEqualTo(6);
    tell("n1", "next-run", total(WEB, "OPEN", 3));
    assertThat(open("n1")).isEqualTo(7);
  }

  @Test
  void anAgentThatForgotWhatNobodyAskedForMeanwhileIsCountedOn() {
    tell("n1", "run", total(WEB, "OPEN", 8));
    tell("n1", "run", total(WEB, "OPEN", 1));
    assertThat(open("n1")).isEqualTo(9);
  }

  @Test
  void aDeletedResourcesSeriesGo() {
    tell("n1", "run", total(WEB, "OPEN", 8), total(GUARD, "OPEN_PERM", 1));
    totals.removed(WEB);
    assertThat(totals.read("ArgusWatcher")).isEmpty();
    assertThat(totals.read("JanusGuard")).hasSize(1);
  }

  @Test
  void namesakesInTwoNamespacesShareASeriesThatNeverFalls() {
    tell("n1", "run", total(WEB, "OPEN", 8), total(OTHERS_WEB, "OPEN", 2));
    assertThat(open("n1")).isEqualTo(10);
    totals.removed(WEB);
    assertThat(open("n1")).isEqualTo(10);
    tell("n1", "run", total(OTHERS_WEB, "OPEN", 3));
    assertThat(open("n1")).isEqualTo(11);
    totals.removed(OTHERS_WEB);
    assertThat(totals.read("ArgusWatcher")).isEmpty();
  }

  @Test
  void whatNobodyAskedForOrNoEventIsNotTakenIn() {
    assertThat(totals.update("n1", "run", List.of(total(WEB, "OPEN", 8)), key -> false, TERM))
        .isEmpty();
    tell("n1", "run", total(WEB, "open\"} 1\nx", 8));
    assertThat(totals.read("ArgusWatcher")).isEmpty();
    assertThat(totals.refused()).isEqualTo(2);
  }

  @Test
  void seriesAreBounded() {
    for (int i = 0; i <= EventTotals.MOST_SERIES; i++) {
      tell("n" + i, "run", total(WEB, "OPEN", 1));
    }
    assertThat(totals.read("ArgusWatcher")).hasSize(EventTotals.MOST_SERIES);
    assertThat(totals.refused()).isEqualTo(1);
  }

  @Test
  void aNodeThatIsLongGoneIsForgotten() {
    tell("n1", "run", total(WEB, "OPEN", 8));
    tell("n2", "run", total(WEB, "OPEN", 1));
    totals.gone("n1");
    nanos.addAndGet(EventTotals.REMEMBERED.plus(Duration.ofSeconds(1)).toNanos());
    assertThat(open("n1")).isEqualTo(8);
    totals.gone("n2");
    assertThat(totals.read("ArgusWatcher")).containsOnlyKeys(List.of("web", "open", "n2"));
  }

  @Test
  void aLossIsNewsOnceAndNotIfItWasBeforeTheTerm() {
    assertThat(tell("n1", "run", lost(2, TERM.minusSeconds(60)))).isEmpty();
    assertThat(tell("n1", "run", lost(2, TERM.minusSeconds(60)))).isEmpty();
    assertThat(tell("n1", "run", lost(5, TERM.plusSeconds(1))))
        .containsExactly(new EventTotals.Loss(WEB, "n1", 3, "overflow"));
    assertThat(tell("n2", "run", lost(1, TERM.plusSeconds(1)))).hasSize(1);
    assertThat(tell("n2", "next", lost(1, TERM.plusSeconds(1)))).hasSize(1);
  }

  private double open(String node) {
    return totals.read("ArgusWatcher").get(List.of("web", "open", node));
  }

  private List<EventTotals.Loss> tell(String node, String run, EventTotal... all) {
    return totals.update(node, run, List.of(all), key -> true, TERM);
  }

  private static EventTotal total(ResourceKey resource, String event, long total) {
    return new EventTotal(resource, event, total, Instant.EPOCH, "");
  }

  private static EventTotal lost(long total, Instant last) {
    return new EventTotal(WEB, "LOST", total, last, "overflow");
  }
}

package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.custos.agent.pipeline.OwnerCounts.Owner;
import dev.custos.agent.pipeline.OwnerCounts.Total;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.RecordingPublisher;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnerCountsTest {
  private static final Origin HERE = Origin.ofNode("node-1");
  private static final Subject WEB = new Subject("ArgusWatcher", "default", "web", 0, Map.of());
  private static final Subject WEB_TOO =
      new Subject("ArgusWatcher", "default", "web", 1, Map.of("k", "v"));
  private static final Subject DB = new Subject("FimWatcher", "default", "db", 0, Map.of());

  private final RecordingPublisher published = new RecordingPublisher();
  private final OwnerCounts counts = new OwnerCounts();
  private final EventPublisher events = counts.counting(published);

  @Test
  void eventsAreCountedByResourceAndKindAndPassedOn() {
    List<IntegrityEvent> batch =
        List.of(
            changed(WEB, ChangeKind.MODIFY),
            changed(WEB, ChangeKind.MODIFY),
            changed(WEB, ChangeKind.OPEN),
            changed(WEB_TOO, ChangeKind.OPEN),
            changed(DB, ChangeKind.OPEN),
            changed(WEB, ChangeKind.MODIFY));
    events.publishAll(batch);
    events.publish(batch.get(0));
    assertThat(published.events()).hasSize(7);
    assertThat(counts.totals())
        .extracting(t -> t.owner().name(), Total::event, Total::total)
        .containsExactlyInAnyOrder(
            tuple("web", "MODIFY", 4L), tuple("web", "OPEN", 2L), tuple("db", "OPEN", 1L));
  }

  @Test
  void aLossSaysWhatWasLostLast() {
    events.publishAll(List.of(lost(1, "first"), lost(2, "second")));
    assertThat(counts.totals())
        .containsExactly(
            new Total(
                new Owner("ArgusWatcher", "default", "web"),
                "LOST",
                2,
                Instant.ofEpochSecond(2),
                "kernel-queue-overflow, 7 events, /data: second"));
  }

  @Test
  void whatNobodyAsksForAnyMoreIsForgotten() {
    events.publishAll(List.of(changed(WEB, ChangeKind.OPEN), changed(DB, ChangeKind.OPEN)));
    counts.retain(owner -> owner.name().equals("db"));
    events.publish(changed(WEB, ChangeKind.OPEN));
    events.publish(changed(DB, ChangeKind.OPEN));
    assertThat(counts.totals())
        .extracting(t -> t.owner().name(), Total::total)
        .containsExactlyInAnyOrder(tuple("web", 1L), tuple("db", 2L));
  }

  private static IntegrityEvent changed(Subject subject, ChangeKind kind) {
    return FileChanged.builder(subject, HERE)
        .time(Instant.EPOCH)
        .kind(kind)
        .path(FilePath.of("/data"))
        .build();
  }

  private static IntegrityEvent lost(long second, String detail) {
    return EventsLost.builder(WEB, HERE)
        .time(Instant.ofEpochSecond(second))
        .reason(LossReason.KERNEL_QUEUE_OVERFLOW)
        .path(FilePath.of("/data"))
        .count(7)
        .detail(detail)
        .build();
  }
}

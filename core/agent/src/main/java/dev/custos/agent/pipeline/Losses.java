package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolLoss;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Puts what one sink lost into words. */
final class Losses {
  private Losses() {}

  /** Counts what a receiver refused for good, and tells all sinks of it. */
  static void tellRejected(SinkLane lane, EventBatch batch, List<WriteResult.Rejection> rejected) {
    lane.counters().rejected(rejected.size());
    String reason = rejected.get(0).reason();
    lane.pipeline().listener().rejected(lane.name(), rejected.size(), reason);
    long tellable = 0;
    long kept = 0;
    Instant from = null;
    for (WriteResult.Rejection rejection : rejected) {
      kept += rejection.kept() ? 1 : 0;
      int index = rejection.index();
      if (index < 0 || index >= batch.size()) {
        continue;
      }
      IntegrityEvent event = batch.get(index).event();
      if (isTellable(event)) {
        tellable++;
        from = from == null ? event.time() : from;
      }
    }
    lane.counters().deadLettered(kept);
    if (tellable > 0) {
      lane.pipeline().publishSinkLoss(lane.name(), tellable, from, "rejected: " + reason);
    }
  }

  /** Counts what was offered in vain for long enough, and tells all sinks of it. */
  static void tellGivenUp(SinkLane lane, EventBatch batch, int from, int to) {
    lane.counters().lost((long) to - from);
    long tellable = 0;
    int first = -1;
    int last = from;
    for (int i = from; i < to; i++) {
      if (isTellable(batch.event(i))) {
        tellable++;
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (tellable > 0) {
      String reason =
          "given up after trying for "
              + time(lane.policy().retry().giveUpAfter().orElse(Duration.ZERO))
              + ": "
              + lane.counters().lastError()
              + "; sequence "
              + batch.sequence(first)
              + " to "
              + batch.sequence(last);
      lane.pipeline()
          .publishSinkLoss(
              lane.name(), tellable, batch.event(first).time(), batch.event(last).time(), reason);
    }
  }

  private static String time(Duration time) {
    return time.toSeconds() > 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** A lost report of lost events must not make another one, and so on for ever. */
  private static boolean isTellable(IntegrityEvent event) {
    return !(event instanceof EventsLost lost && lost.reason() == LossReason.SINK_FAILED);
  }

  /** What a spool can't give back. */
  static EventsLost ofSpool(String sink, Origin agent, SpoolLoss loss, Instant now) {
    EventsLost.Builder event =
        EventsLost.builder(Subject.ofAgent(), agent)
            .time(now)
            .reason(reason(loss.cause()))
            .from(loss.from())
            .to(loss.to())
            .detail("sink " + sink + ": " + loss.cause().text());
    loss.count().ifPresent(event::count);
    return event.build();
  }

  private static LossReason reason(SpoolLoss.Cause cause) {
    return switch (cause) {
      case FULL, OLD, UNWRITTEN -> LossReason.SINK_QUEUE_FULL;
      case DAMAGED, UNREADABLE -> LossReason.SINK_FAILED;
      case KILLED -> LossReason.AGENT_DOWN;
    };
  }

  /** An event that is too long for any record of a spool. */
  static EventsLost tooLong(String sink, Origin agent, IntegrityEvent event) {
    return EventsLost.builder(Subject.ofAgent(), agent)
        .time(event.time())
        .reason(LossReason.SINK_FAILED)
        .count(1)
        .from(event.time())
        .to(event.time())
        .detail("sink " + sink + ": an event was too long for its spool")
        .build();
  }
}

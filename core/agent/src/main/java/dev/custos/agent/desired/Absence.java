package dev.custos.agent.desired;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A time during which nothing that plans ask for was kept.
 *
 * @param detail why, for a human
 */
record Absence(Instant since, LossReason reason, String detail) {

  /** What is missing of a plan up to now, path by path. */
  <P> List<EventsLost> lost(PlanKind<P> kind, P plan, Instant now) {
    return lost(kind.asked(plan), kind.target(plan).origin(), now);
  }

  /** What is missing up to now of paths that a plan asks for, and the next one does not. */
  <P> List<EventsLost> lostUnless(PlanKind<P> kind, P plan, P next, Instant now) {
    List<PlanKind.Asked> given = new ArrayList<>(kind.asked(plan));
    given.removeAll(kind.asked(next));
    return lost(given, kind.target(plan).origin(), now);
  }

  private List<EventsLost> lost(List<PlanKind.Asked> paths, Origin origin, Instant now) {
    List<EventsLost> lost = new ArrayList<>();
    // A clock may have been set back since.
    Instant from = since.isAfter(now) ? now : since;
    for (PlanKind.Asked asked : paths) {
      lost.add(
          EventsLost.builder(asked.subject(), origin)
              .time(now)
              .reason(reason)
              .path(asked.path())
              .from(from)
              .to(now)
              .detail(detail)
              .build());
    }
    return lost;
  }
}

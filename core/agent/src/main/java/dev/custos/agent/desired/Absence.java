package dev.custos.agent.desired;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
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
    List<EventsLost> lost = new ArrayList<>();
    for (PlanKind.Asked asked : kind.asked(plan)) {
      lost.add(
          EventsLost.builder(asked.subject(), kind.target(plan).origin())
              .time(now)
              .reason(reason)
              .path(asked.path())
              .from(since)
              .to(now)
              .detail(detail)
              .build());
    }
    return lost;
  }
}

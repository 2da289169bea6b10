package dev.custos.agent.desired;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/**
 * What targets begin with: what nobody saw before their first plan. Its owner's monitor guards it.
 */
final class Absences<P> {
  private final PlanKind<P> kind;
  private final Clock clock;

  // What a run before this one left unseen, until the plans are in place that it had.
  private Absence ofLastRun;

  Absences(PlanKind<P> kind, Clock clock) {
    this.kind = kind;
    this.clock = clock;
  }

  void lastRunEnded(Instant since, LossReason reason, String detail) {
    ofLastRun = new Absence(since, reason, detail);
  }

  /** Plans of targets that come from here on were not asked for before. */
  void caughtUp() {
    ofLastRun = null;
  }

  /**
   * For a target that is new here.
   *
   * @param ended when its container ended; null if it did not
   * @return null if nothing is missing
   */
  Absence before(Instant ended) {
    return ended == null
        ? ofLastRun
        : new Absence(ended, kind.missingBetweenRuns(), "the container was started again");
  }

  /** For a plan that is not kept from now on, and was not by a run before this one. */
  List<EventsLost> refused(P plan, String reason) {
    Instant now = clock.instant();
    Absence since =
        ofLastRun == null
            ? new Absence(now, kind.missingMeanwhile(), reason)
            : new Absence(ofLastRun.since(), ofLastRun.reason(), reason);
    return since.lost(kind, plan, now);
  }
}

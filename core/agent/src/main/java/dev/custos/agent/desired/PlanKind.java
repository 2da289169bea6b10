package dev.custos.agent.desired;

import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link BackendReconciler} needs to know of a plan.
 *
 * @param <P> the plan
 */
public interface PlanKind<P> {
  PlanKind<WatchPlan> WATCH = new WatchPlans();
  PlanKind<GuardPlan> GUARD = new GuardPlans();

  /** A path that a subject asks for. */
  record Asked(Subject subject, FilePath path) {}

  Target target(P plan);

  /** The plan that asks for nothing. */
  P empty(Target target);

  /** What the plan asks for, in its order. */
  List<Asked> asked(P plan);

  /** What is missing while the backend is down. */
  LossReason missingMeanwhile();

  /** What is missing from when a container ended until it was found again. */
  LossReason missingBetweenRuns();

  /** The same state for every path of a plan. */
  default List<PathState> all(P plan, PathState.State state, String reason) {
    List<PathState> rows = new ArrayList<>();
    for (Asked asked : asked(plan)) {
      rows.add(new PathState(asked.subject(), asked.path(), state, reason));
    }
    return rows;
  }

  /** {@link #WATCH}. */
  final class WatchPlans implements PlanKind<WatchPlan> {
    private WatchPlans() {}

    @Override
    public Target target(WatchPlan plan) {
      return plan.target();
    }

    @Override
    public WatchPlan empty(Target target) {
      return new WatchPlan(target, List.of());
    }

    @Override
    public List<Asked> asked(WatchPlan plan) {
      List<Asked> asked = new ArrayList<>();
      for (Watch watch : plan.watches()) {
        asked.add(new Asked(watch.subject(), watch.path()));
      }
      return asked;
    }

    @Override
    public LossReason missingMeanwhile() {
      return LossReason.BACKEND_RESTARTED;
    }

    @Override
    public LossReason missingBetweenRuns() {
      return LossReason.CONTAINER_RESTARTED;
    }
  }

  /** {@link #GUARD}. */
  final class GuardPlans implements PlanKind<GuardPlan> {
    private GuardPlans() {}

    @Override
    public Target target(GuardPlan plan) {
      return plan.target();
    }

    @Override
    public GuardPlan empty(Target target) {
      return new GuardPlan(target, List.of());
    }

    @Override
    public List<Asked> asked(GuardPlan plan) {
      List<Asked> asked = new ArrayList<>();
      for (Guard guard : plan.guards()) {
        for (FilePath path : guard.deny()) {
          asked.add(new Asked(guard.subject(), path));
        }
        for (FilePath path : guard.allow()) {
          asked.add(new Asked(guard.subject(), path));
        }
      }
      return asked;
    }

    @Override
    public LossReason missingMeanwhile() {
      return LossReason.UNGUARDED;
    }

    @Override
    public LossReason missingBetweenRuns() {
      return LossReason.UNGUARDED;
    }
  }
}

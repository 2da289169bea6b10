package dev.custos.agent.desired;

import dev.custos.agent.container.Opening;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import dev.custos.spi.guard.GuardPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * How the paths stand that no backend knows of: those of targets that are not open, and guards that
 * nobody provides or that were refused. Thread-safe.
 */
final class Untended {
  private final Map<String, TargetStatus> unwatched = new ConcurrentSkipListMap<>();
  private final Map<String, TargetStatus> unguarded = new ConcurrentSkipListMap<>();

  private Map<String, TargetStatus> of(PlanKind<?> kind) {
    return kind == PlanKind.WATCH ? unwatched : unguarded;
  }

  /** Keeps why a plan's target is not open. */
  <P> TargetStatus missing(PlanKind<P> kind, P plan, Opening why) {
    TargetStatus status;
    if (why instanceof Opening.Failed failed) {
      status = standing(kind, plan, PathState.State.FAILED, failed.reason());
    } else {
      String reason = why instanceof Opening.Pending pending ? pending.reason() : "";
      status = standing(kind, plan, PathState.State.PENDING, reason);
    }
    if (status.paths().isEmpty()) {
      of(kind).remove(status.target());
    } else {
      of(kind).put(status.target(), status);
    }
    return status;
  }

  /** Keeps why a target that is open is not guarded. */
  TargetStatus notGuarded(GuardPlan plan, String reason) {
    TargetStatus status = standing(PlanKind.GUARD, plan, PathState.State.FAILED, reason);
    if (!status.paths().isEmpty()) {
      unguarded.put(status.target(), status);
    }
    return status;
  }

  private static <P> TargetStatus standing(
      PlanKind<P> kind, P plan, PathState.State state, String reason) {
    return new TargetStatus(kind.target(plan).id(), kind.all(plan, state, reason), 0);
  }

  /** A backend is to tend it. */
  void forget(String target) {
    unwatched.remove(target);
    unguarded.remove(target);
  }

  /** Forgets all others. */
  void retain(Set<String> targets) {
    unwatched.keySet().retainAll(targets);
    unguarded.keySet().retainAll(targets);
  }

  /** Tells how a target's paths stand. */
  void tell(String target, StatusListener listener) {
    for (Map<String, TargetStatus> all : List.of(unwatched, unguarded)) {
      TargetStatus status = all.get(target);
      if (status != null) {
        status.paths().forEach(path -> listener.changed(target, path, false));
      }
    }
  }

  /**
   * With what a backend says of those that it knows. A container that is being let go of, and will
   * be looked for again, is not there twice.
   */
  List<TargetStatus> with(PlanKind<?> kind, List<TargetStatus> tended) {
    List<TargetStatus> all = new ArrayList<>();
    for (TargetStatus status : tended) {
      if (!of(kind).containsKey(status.target())) {
        all.add(status);
      }
    }
    all.addAll(of(kind).values());
    return all;
  }

  /** A target for the report alone: it goes to no backend. */
  static Target target(NodeSnapshot.Target wanted, String node) {
    return new Target(
        wanted.id(),
        new Origin(
            node,
            wanted.namespace(),
            wanted.pod(),
            wanted.container(),
            wanted.id().equals(NodeSnapshot.HOST) ? "" : wanted.id(),
            wanted.labels()),
        -1,
        OptionalInt.empty(),
        OptionalLong.empty(),
        Path.of("/proc/self/mountinfo"));
  }
}

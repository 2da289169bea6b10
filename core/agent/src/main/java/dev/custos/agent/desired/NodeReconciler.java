package dev.custos.agent.desired;

import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.TargetException;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.format.LineTemplate;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotDigest;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.spi.watch.WatchPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Brings a node to the state that a snapshot describes: opens its targets, hands each its plans,
 * and lets go of those that are gone.
 */
public final class NodeReconciler implements AutoCloseable {
  private final TargetOpener opener;
  private final OwnerFormats formats;
  private final BackendReconciler<WatchPlan> watches;
  private final BackendReconciler<GuardPlan> guards;
  private final GuardWarden warden;
  // Targets whose guards the warden refused.
  private final Set<String> refused = new HashSet<>();
  private final Map<String, OpenedTarget> targets = new LinkedHashMap<>();

  // What no backend knows of: targets that could not be opened, and guards that nobody provides.
  private volatile List<TargetStatus> unwatched = List.of();
  private volatile List<TargetStatus> unguarded = List.of();

  /**
   * Makes one that has done nothing yet.
   *
   * @param guards null if nothing can be guarded here
   * @param warden has to know of guards before they are in force
   */
  public NodeReconciler(
      TargetOpener opener,
      OwnerFormats formats,
      BackendReconciler<WatchPlan> watches,
      BackendReconciler<GuardPlan> guards,
      GuardWarden warden) {
    this.opener = opener;
    this.formats = formats;
    this.watches = watches;
    this.guards = guards;
    this.warden = warden;
  }

  /** Starts to bring everything to the snapshot's state; a snapshot may follow at any time. */
  public synchronized NodeOutcome apply(NodeSnapshot snapshot) {
    List<CompletableFuture<TargetStatus>> watching = new ArrayList<>();
    List<CompletableFuture<TargetStatus>> guarding = new ArrayList<>();
    List<TargetStatus> notWatched = new ArrayList<>();
    List<TargetStatus> notGuarded = new ArrayList<>();
    Map<String, TargetPlans> plans = new LinkedHashMap<>();
    for (NodeSnapshot.Target wanted : snapshot.targets()) {
      try {
        plans.put(wanted.id(), TargetPlans.of(wanted, open(wanted, snapshot.node())));
      } catch (TargetException e) {
        TargetPlans refused = TargetPlans.of(wanted, unopened(wanted, snapshot.node()));
        notWatched.add(failed(PlanKind.WATCH, refused.watch(), e.getMessage()));
        notGuarded.add(failed(PlanKind.GUARD, refused.guard(), e.getMessage()));
      }
    }
    Map<Subject, LineTemplate> templates = new HashMap<>();
    for (TargetPlans target : plans.values()) {
      templates.putAll(target.templates());
    }
    // Before the plans: the first event may come before the last plan is applied.
    formats.update(templates);
    for (TargetPlans target : plans.values()) {
      watching.add(watches.submit(target.watch()));
    }
    for (NodeSnapshot.Target wanted : snapshot.targets()) {
      TargetPlans target = plans.get(wanted.id());
      if (target != null) {
        guarding.add(guard(wanted, target.guard(), notGuarded));
      }
    }
    letGo(plans);
    caughtUp(snapshot);
    notWatched.forEach(status -> watching.add(CompletableFuture.completedFuture(status)));
    notGuarded.forEach(status -> guarding.add(CompletableFuture.completedFuture(status)));
    unwatched = asking(notWatched);
    unguarded = asking(notGuarded);
    return new NodeOutcome(watching, guarding);
  }

  private Target open(NodeSnapshot.Target wanted, String node) throws TargetException {
    OpenedTarget opened = targets.get(wanted.id());
    if (opened == null) {
      opened = opener.open(wanted, node);
      targets.put(wanted.id(), opened);
    }
    return opened.target();
  }

  private static List<TargetStatus> asking(List<TargetStatus> statuses) {
    List<TargetStatus> some = new ArrayList<>();
    for (TargetStatus status : statuses) {
      if (!status.paths().isEmpty()) {
        some.add(status);
      }
    }
    return some;
  }

  /** What a run before this one had to do was in the first snapshot that asks for anything. */
  private void caughtUp(NodeSnapshot snapshot) {
    if (!snapshot.targets().isEmpty()) {
      watches.caughtUp();
      if (guards != null) {
        guards.caughtUp();
      }
    }
  }

  /** Hands a plan over, or adds to {@code notGuarded} why it is not, and guards nothing then. */
  private CompletableFuture<TargetStatus> guard(
      NodeSnapshot.Target wanted, GuardPlan plan, List<TargetStatus> notGuarded) {
    if (guards == null) {
      notGuarded.add(failed(PlanKind.GUARD, plan, "no plugin provides a guard backend"));
      return CompletableFuture.completedFuture(new TargetStatus(wanted.id(), List.of(), 0));
    }
    String reason = "";
    if (wanted.guards().isEmpty()) {
      warden.released(wanted.id());
    } else {
      reason = warden.admit(wanted.id(), SnapshotDigest.ofGuards(wanted));
    }
    if (reason.isEmpty()) {
      refused.remove(wanted.id());
      return guards.submit(plan);
    }
    notGuarded.add(failed(PlanKind.GUARD, plan, reason));
    if (refused.add(wanted.id())) {
      guards.refused(plan, reason);
    }
    return guards.submit(PlanKind.GUARD.empty(plan.target()));
  }

  private void letGo(Map<String, TargetPlans> wanted) {
    for (OpenedTarget opened : List.copyOf(targets.values())) {
      Target target = opened.target();
      if (wanted.containsKey(target.id())) {
        continue;
      }
      targets.remove(target.id());
      warden.released(target.id());
      refused.remove(target.id());
      CompletableFuture<TargetStatus> unwatched = watches.submit(PlanKind.WATCH.empty(target));
      CompletableFuture<TargetStatus> unguarded =
          guards == null
              ? CompletableFuture.completedFuture(null)
              : guards.submit(PlanKind.GUARD.empty(target));
      // The SPI promises that the descriptor stays open until then.
      CompletableFuture<Void> unused =
          CompletableFuture.allOf(unwatched, unguarded).thenRun(opened::close);
    }
  }

  private static <P> TargetStatus failed(PlanKind<P> kind, P plan, String reason) {
    return new TargetStatus(
        kind.target(plan).id(), kind.all(plan, PathState.State.FAILED, reason), 0);
  }

  /** A target for the report alone: it goes to no backend. */
  private static Target unopened(NodeSnapshot.Target wanted, String node) {
    return new Target(
        wanted.id(),
        new Origin(node, wanted.namespace(), wanted.pod(), wanted.container(), wanted.labels()),
        -1,
        OptionalInt.empty(),
        OptionalLong.empty(),
        Path.of("/proc/self/mountinfo"));
  }

  /** How every path stands now. */
  public List<TargetStatus> status() {
    List<TargetStatus> all = new ArrayList<>(watchStatus());
    all.addAll(guardStatus());
    return all;
  }

  /** How the paths stand that are to be watched. */
  public List<TargetStatus> watchStatus() {
    List<TargetStatus> all = new ArrayList<>(watches.status());
    all.addAll(unwatched);
    return all;
  }

  /** How often the backend that watches died. */
  public long watchDeaths() {
    return watches.deaths();
  }

  /** How often the backend that guards died. */
  public long guardDeaths() {
    return guards == null ? 0 : guards.deaths();
  }

  /** How the paths stand that are to be guarded. */
  public List<TargetStatus> guardStatus() {
    List<TargetStatus> all = new ArrayList<>(guards == null ? List.of() : guards.status());
    all.addAll(unguarded);
    return all;
  }

  /** Closes the backends, then the targets. */
  @Override
  public void close() {
    try {
      watches.close();
    } finally {
      if (guards != null) {
        guards.close();
      }
      synchronized (this) {
        for (OpenedTarget target : targets.values()) {
          target.close();
        }
        targets.clear();
      }
    }
  }
}

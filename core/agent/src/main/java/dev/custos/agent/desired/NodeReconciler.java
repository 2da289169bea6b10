package dev.custos.agent.desired;

import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.Opening;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.format.LineTemplate;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotDigest;
import dev.custos.spi.Target;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.spi.watch.WatchPlan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Brings a node to the state that a snapshot describes: opens its targets, hands each its plans,
 * and lets go of those that are gone. A container whose process ends is let go of at once, and
 * looked for again as long as the snapshot has it.
 */
public final class NodeReconciler implements AutoCloseable {
  private final OwnerFormats formats;
  private final BackendReconciler<WatchPlan> watches;
  private final BackendReconciler<GuardPlan> guards;
  private final GuardWarden warden;
  private final StatusListener listener;
  private final Clock clock;
  private final Alarm alarm;
  private final OpenTargets targets;
  private final TargetThread thread = new TargetThread();
  // Targets whose guards the warden refused.
  private final Set<String> refused = new HashSet<>();

  private final Untended untended = new Untended();

  private NodeSnapshot current = new NodeSnapshot("", "", List.of());
  private final LookPace pace = new LookPace();
  private Alarm.Cancel nextLook = () -> {};
  private boolean lookIsSet;
  private GuardRoom room = GuardRoom.ofHeap();
  private boolean closed;

  // Since when a run before this one has not kept what the first snapshot asks for; null once
  // that is told, or if there was none.
  private Instant absentSince;

  /**
   * Makes one that has done nothing yet.
   *
   * @param guards null if nothing can be guarded here
   * @param warden has to know of guards before they are in force
   * @param listener hears of containers that end and come back
   */
  public NodeReconciler(
      TargetOpener opener,
      OwnerFormats formats,
      BackendReconciler<WatchPlan> watches,
      BackendReconciler<GuardPlan> guards,
      GuardWarden warden,
      StatusListener listener,
      Clock clock,
      Alarm alarm) {
    this.formats = formats;
    this.watches = watches;
    this.guards = guards;
    this.warden = warden;
    this.listener = listener;
    this.clock = clock;
    this.alarm = alarm;
    this.targets = new OpenTargets(opener, clock, one -> thread.run(() -> ended(one)));
  }

  /**
   * Before the first snapshot: nothing that it asks for was kept since then, because the agent did
   * not run. Each path is told of as soon as it is in place.
   */
  public synchronized void absentSince(Instant since, String detail) {
    absentSince = since;
    watches.absentSince(since, LossReason.AGENT_DOWN, detail);
    if (guards != null) {
      guards.absentSince(since, LossReason.UNGUARDED, detail);
    }
  }

  /** Starts to bring everything to the snapshot's state; a snapshot may follow at any time. */
  public synchronized NodeOutcome apply(NodeSnapshot snapshot) {
    current = snapshot;
    Map<String, NodeSnapshot.Target> wanted = new LinkedHashMap<>();
    snapshot.targets().forEach(target -> wanted.put(target.id(), target));
    // First: when a container was replaced, this tells since when it was away.
    letGo(wanted.keySet());
    targets.open(wanted.values(), snapshot.node());
    Map<String, TargetPlans> plans = new LinkedHashMap<>();
    Map<Subject, LineTemplate> templates = new HashMap<>();
    for (NodeSnapshot.Target target : wanted.values()) {
      TargetPlans plan = plans(target);
      plans.put(target.id(), plan);
      templates.putAll(plan.templates());
    }
    // Before the plans: the first event may come before the last plan is applied.
    formats.update(templates);
    room = GuardRoom.ofHeap();
    List<CompletableFuture<TargetStatus>> watching = new ArrayList<>();
    List<CompletableFuture<TargetStatus>> guarding = new ArrayList<>();
    for (NodeSnapshot.Target target : wanted.values()) {
      submit(target, plans.get(target.id()), watching, guarding);
    }
    caughtUp(snapshot);
    lookAgainSoon();
    return new NodeOutcome(watching, guarding);
  }

  private TargetPlans plans(NodeSnapshot.Target wanted) {
    Target open = targets.get(wanted.id());
    return TargetPlans.of(wanted, open == null ? Untended.target(wanted, current.node()) : open);
  }

  /** Hands a target's plans to the backends, or says why there is no target. */
  private void submit(
      NodeSnapshot.Target wanted,
      TargetPlans plans,
      List<CompletableFuture<TargetStatus>> watching,
      List<CompletableFuture<TargetStatus>> guarding) {
    if (targets.get(wanted.id()) == null) {
      watching.add(CompletableFuture.completedFuture(missing(PlanKind.WATCH, plans.watch())));
      guarding.add(CompletableFuture.completedFuture(missing(PlanKind.GUARD, plans.guard())));
      return;
    }
    untended.forget(wanted.id());
    Instant since = targets.takeEnd(wanted);
    watching.add(watches.submit(plans.watch(), since));
    guarding.add(guard(wanted, plans.guard(), since));
  }

  private <P> TargetStatus missing(PlanKind<P> kind, P plan) {
    return untended.missing(kind, plan, targets.missing(kind.target(plan).id()));
  }

  /** What a run before this one had to do was in the first snapshot that asks for anything. */
  private void caughtUp(NodeSnapshot snapshot) {
    if (!snapshot.targets().isEmpty()) {
      watches.caughtUp();
      if (guards != null) {
        guards.caughtUp();
      }
      if (absentSince != null) {
        targets.endedBefore(snapshot.targets(), absentSince);
        absentSince = null;
      }
    }
  }

  /** Hands a plan over, or keeps why it is not, and guards nothing then. */
  private CompletableFuture<TargetStatus> guard(
      NodeSnapshot.Target wanted, GuardPlan plan, Instant since) {
    if (guards == null) {
      return CompletableFuture.completedFuture(
          untended.notGuarded(plan, "no plugin provides a guard backend"));
    }
    String reason = room.take(wanted);
    if (wanted.guards().isEmpty() || !reason.isEmpty()) {
      warden.released(wanted.id());
    } else {
      reason = warden.admit(wanted.id(), SnapshotDigest.ofGuards(wanted));
    }
    if (reason.isEmpty()) {
      refused.remove(wanted.id());
      return guards.submit(plan, since);
    }
    if (refused.add(wanted.id())) {
      guards.refused(plan, reason);
    }
    CompletableFuture<TargetStatus> unused = guards.submit(PlanKind.GUARD.empty(plan.target()));
    return CompletableFuture.completedFuture(untended.notGuarded(plan, reason));
  }

  private void letGo(Set<String> wanted) {
    for (OpenedTarget opened : targets.all()) {
      if (!wanted.contains(opened.target().id())) {
        release(opened);
      }
    }
    targets.retain(wanted);
    untended.retain(wanted);
  }

  /** Has the backends let go of a target, and closes it when they have. */
  private void release(OpenedTarget opened) {
    Target target = opened.target();
    targets.leave(opened);
    warden.released(target.id());
    refused.remove(target.id());
    CompletableFuture<Void> unguarding =
        guards == null ? CompletableFuture.completedFuture(null) : guards.release(target);
    // The SPI promises that the descriptors stay open until then.
    CompletableFuture<Void> unused =
        CompletableFuture.allOf(watches.release(target), unguarding)
            .thenRun(() -> thread.run(() -> left(opened)));
  }

  private synchronized void left(OpenedTarget opened) {
    targets.left(opened);
    if (wanted(opened.target().id()) != null) {
      lookAgainSoon();
    }
  }

  private NodeSnapshot.Target wanted(String id) {
    for (NodeSnapshot.Target target : current.targets()) {
      if (target.id().equals(id)) {
        return target;
      }
    }
    return null;
  }

  /** A container's process has ended. */
  private void ended(OpenedTarget opened) {
    synchronized (this) {
      if (closed || !targets.has(opened)) {
        return;
      }
      release(opened);
      NodeSnapshot.Target wanted = wanted(opened.target().id());
      if (wanted != null) {
        TargetPlans plans = plans(wanted);
        TargetStatus unused = missing(PlanKind.WATCH, plans.watch());
        unused = missing(PlanKind.GUARD, plans.guard());
      }
    }
    listener.targetEnded(opened.target());
  }

  /** With the monitor held: has containers looked for that are not there yet. */
  private void lookAgainSoon() {
    // One that is about to come is not put off: containers that end all the time would else keep
    // it from ever coming.
    if (!lookIsSet || !pace.isAtStart()) {
      pace.restart();
      scheduleLook();
    }
  }

  private void scheduleLook() {
    nextLook.cancel();
    lookIsSet = !closed && current.targets().stream().anyMatch(targets::isMissing);
    if (lookIsSet) {
      nextLook = alarm.after(pace.next(), () -> thread.run(this::lookAgain));
    }
  }

  private void lookAgain() {
    List<CompletableFuture<TargetStatus>> answers = new ArrayList<>();
    List<Target> back = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    synchronized (this) {
      lookIsSet = false;
      if (closed) {
        return;
      }
      List<NodeSnapshot.Target> missing =
          current.targets().stream().filter(targets::isMissing).toList();
      Map<String, Opening> before = targets.missing();
      Instant begun = clock.instant();
      targets.open(missing, current.node());
      pace.looked(Duration.between(begun, clock.instant()));
      for (NodeSnapshot.Target wanted : missing) {
        submit(wanted, plans(wanted), answers, answers);
        if (targets.get(wanted.id()) != null) {
          back.add(targets.get(wanted.id()));
        } else if (isNews(before.get(wanted.id()), targets.missing(wanted.id()))) {
          changed.add(wanted.id());
        }
      }
      scheduleLook();
    }
    changed.forEach(id -> untended.tell(id, listener));
    if (!back.isEmpty()) {
      CompletableFuture<Void> unused =
          CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
              .thenRun(() -> back.forEach(listener::targetBack));
    }
  }

  /** Whether it can or can't be had any more, or for another reason; not each step of a start. */
  private static boolean isNews(Opening before, Opening now) {
    boolean bothPending = before instanceof Opening.Pending && now instanceof Opening.Pending;
    return !bothPending && !now.equals(before);
  }

  /** How every path stands now. */
  public List<TargetStatus> status() {
    List<TargetStatus> all = new ArrayList<>(watchStatus());
    all.addAll(guardStatus());
    return all;
  }

  /**
   * Compares the kernel with the plans, and puts right what differs. Waits for the backends, a
   * moment longer if something differs. Calls must not overlap.
   */
  public KernelInspection inspect() throws InterruptedException {
    List<BackendInspector> inspectors = new ArrayList<>(List.of(watches.inspector()));
    if (guards != null) {
      inspectors.add(guards.inspector());
    }
    return new NodeInspector(inspectors).inspect();
  }

  /** How many comparisons found a difference in what is watched. */
  public long watchDifferences() {
    return watches.inspector().differences();
  }

  /** How many comparisons found a difference in what is guarded. */
  public long guardDifferences() {
    return guards == null ? 0 : guards.inspector().differences();
  }

  /** How the paths stand that are to be watched. */
  public List<TargetStatus> watchStatus() {
    return untended.with(PlanKind.WATCH, watches.status());
  }

  /** How the paths stand that are to be guarded. */
  public List<TargetStatus> guardStatus() {
    return untended.with(PlanKind.GUARD, guards == null ? List.of() : guards.status());
  }

  /** How often the backend that watches died. */
  public long watchDeaths() {
    return watches.deaths();
  }

  /** How often the backend that guards died. */
  public long guardDeaths() {
    return guards == null ? 0 : guards.deaths();
  }

  /** Closes the backends, then the targets. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      nextLook.cancel();
    }
    try {
      watches.close();
    } finally {
      if (guards != null) {
        guards.close();
      }
      thread.close();
      synchronized (this) {
        targets.close();
      }
    }
  }
}

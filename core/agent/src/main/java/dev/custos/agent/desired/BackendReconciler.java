package dev.custos.agent.desired;

import dev.custos.linux.NativeException;
import dev.custos.linux.PidFd;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.Backend;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.LossReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps one backend to the plans of all targets, and knows how each path stands.
 *
 * <p>The backend is opened for the first plan that asks for something. If it dies, it is closed and
 * opened again, every plan is applied anew, and the time between is published as lost, watch by
 * watch.
 *
 * @param <P> the plan
 */
public final class BackendReconciler<P> implements AutoCloseable {
  private final String name;
  private final PlanKind<P> kind;
  private final BackendOpener<P> opener;
  private final EventPublisher events;
  private final StatusListener listener;
  private final Clock clock;
  private final Alarm alarm;
  private final Duration applyDeadline;
  private final BackendInspector inspector;

  private final ApplyThreads threads;
  private final Map<String, TargetLane<P>> lanes = new LinkedHashMap<>();
  private final ReopenPause reopening = new ReopenPause();
  private Backend<P> backend;

  // What lanes of the first plans begin with: what a run before this one left unseen.
  private Absence absence;

  /** Tells a backend from the one before it. */
  private long generation;

  private boolean opening;
  private boolean closed;

  public BackendReconciler(
      String name,
      PlanKind<P> kind,
      BackendOpener<P> opener,
      EventPublisher events,
      StatusListener listener,
      Clock clock,
      Alarm alarm,
      Duration applyDeadline) {
    this.name = name;
    this.kind = kind;
    this.opener = opener;
    this.events = events;
    this.listener = listener;
    this.clock = clock;
    this.alarm = alarm;
    this.applyDeadline = applyDeadline;
    this.threads = new ApplyThreads(name);
    this.inspector = new BackendInspector(name, new Inspected());
  }

  /**
   * Nothing that is asked for by the plans up to {@link #caughtUp} was kept since then, because the
   * agent did not run. Each is told of as soon as it is in place.
   */
  public synchronized void absentSince(Instant since, LossReason reason, String detail) {
    absence = new Absence(since, reason, detail);
  }

  /** Tells that a plan is not to be kept: up to now since nobody was there, and from now on. */
  void refused(P plan, String reason) {
    Absence since;
    synchronized (this) {
      since =
          absence == null
              ? new Absence(clock.instant(), kind.missingMeanwhile(), reason)
              : new Absence(absence.since(), absence.reason(), reason);
    }
    events.publishAll(since.lost(kind, plan, clock.instant()));
  }

  /** Plans of targets that come from here on were not asked for before. */
  synchronized void caughtUp() {
    absence = null;
  }

  /**
   * Sets a target's whole desired state. The result comes once it is applied, or failed to answer
   * in time, or the backend can't be opened; it is never exceptional.
   */
  public CompletableFuture<TargetStatus> submit(P plan) {
    return submit(plan, null);
  }

  /**
   * As {@link #submit(Object)}, for a container that was away.
   *
   * @param since when it ended; null if it did not
   */
  CompletableFuture<TargetStatus> submit(P plan, Instant since) {
    String id = kind.target(plan).id();
    synchronized (this) {
      TargetLane<P> lane = lanes.get(id);
      boolean asksNothing = kind.asked(plan).isEmpty();
      if (closed || (lane == null && asksNothing)) {
        return CompletableFuture.completedFuture(new TargetStatus(id, List.of(), 0));
      }
      if (lane == null) {
        lane = new TargetLane<>(id, threads);
        lane.missing = since == null ? absence : restarted(since);
        lanes.put(id, lane);
      }
      lane.desired = plan;
      if (lane.waiting.isDone()) {
        lane.waiting = new CompletableFuture<>();
      }
      CompletableFuture<TargetStatus> result = lane.waiting;
      if (backend != null) {
        schedule(lane);
      } else if (!opening) {
        openSoon(Duration.ZERO);
      }
      return result;
    }
  }

  private Absence restarted(Instant since) {
    return new Absence(since, kind.missingBetweenRuns(), "the container was started again");
  }

  /** Asks nothing more of a target. Done as soon as its descriptors may be closed. */
  CompletableFuture<Void> release(Target target) {
    CompletableFuture<Void> gone;
    synchronized (this) {
      TargetLane<P> lane = lanes.get(target.id());
      if (closed || lane == null) {
        return CompletableFuture.completedFuture(null);
      }
      gone = lane.gone == null ? new CompletableFuture<>() : lane.gone;
      lane.gone = gone;
    }
    CompletableFuture<TargetStatus> unused = submit(kind.empty(target));
    return gone;
  }

  /** How every target stands now. */
  public synchronized List<TargetStatus> status() {
    List<TargetStatus> all = new ArrayList<>();
    for (TargetLane<P> lane : lanes.values()) {
      all.add(lane.status());
    }
    return all;
  }

  /** Compares it with the kernel. */
  BackendInspector inspector() {
    return inspector;
  }

  private final class Inspected implements BackendInspector.Subject {
    @Override
    public Optional<BackendInspector.Life> life() {
      synchronized (BackendReconciler.this) {
        return Optional.ofNullable(backend).map(b -> new BackendInspector.Life(generation, b));
      }
    }

    @Override
    public void renew(long born, String reason) {
      died(born, reason);
    }
  }

  /** How often the backend died. */
  public synchronized long deaths() {
    return generation;
  }

  private void schedule(TargetLane<P> lane) {
    if (!lane.scheduled) {
      lane.scheduled = true;
      lane.tasks().execute(() -> apply(lane));
    }
  }

  private void apply(TargetLane<P> lane) {
    Backend<P> current;
    P plan;
    long born;
    synchronized (this) {
      lane.scheduled = false;
      if (closed || backend == null) {
        return; // opening it schedules every lane again
      }
      current = backend;
      born = generation;
      plan = lane.desired;
      lane.begin();
      lane.deadline = watchdog(lane, plan, lane.signs);
    }
    ApplyReport report = null;
    Throwable death = null;
    try {
      report = current.apply(plan);
    } catch (BackendException | RuntimeException | Error e) {
      death = e;
    }
    if (report == null) {
      synchronized (this) {
        lane.applying = false;
        lane.deadline.cancel();
      }
      died(born, death == null ? "apply returned nothing" : BackendOpener.reason(death));
    } else {
      finish(lane, plan, born, report);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very plan that was applied, not one like it
  private void finish(TargetLane<P> lane, P plan, long born, ApplyReport report) {
    Absence missing = null;
    CompletableFuture<TargetStatus> answer = null;
    TargetStatus status = null;
    TargetLane<P> over = null;
    synchronized (this) {
      lane.applying = false;
      lane.deadline.cancel();
      if (born != generation || closed) {
        return; // its backend is gone; the next one gets the plan too
      }
      lane.store(report);
      missing = lane.missing;
      lane.missing = null;
      if (plan == lane.desired) {
        answer = lane.waiting;
        status = lane.status();
        if (kind.asked(plan).isEmpty()) {
          lanes.remove(kind.target(plan).id());
          over = lane;
        }
      }
    }
    if (missing != null) {
      events.publishAll(missing.lost(kind, plan, clock.instant()));
    }
    if (over != null) {
      over.end();
    }
    if (answer != null && !answer.complete(status)) {
      // It was taken for failed meanwhile: whoever asked has to hear that it is not.
      for (PathState path : status.paths()) {
        listener.changed(status.target(), path, false);
      }
    }
  }

  /** A target that gives no sign of life for the whole deadline is taken for failed. */
  private Alarm.Cancel watchdog(TargetLane<P> lane, P plan, long signs) {
    return alarm.after(applyDeadline, () -> overdue(lane, plan, signs));
  }

  private void overdue(TargetLane<P> lane, P plan, long signs) {
    CompletableFuture<TargetStatus> answer;
    TargetStatus status;
    synchronized (this) {
      if (!lane.applying || closed) {
        return;
      }
      if (lane.signs != signs) {
        lane.deadline = watchdog(lane, plan, lane.signs);
        return;
      }
      lane.fail(
          kind.all(
              plan,
              PathState.State.FAILED,
              name
                  + " did not answer within "
                  + applyDeadline.toSeconds()
                  + " s; does the file"
                  + " system answer?"));
      answer = lane.waiting;
      status = lane.status();
    }
    answer.complete(status);
  }

  private void died(long born, String reason) {
    Backend<P> old;
    Map<CompletableFuture<TargetStatus>, TargetStatus> answers;
    Duration pause;
    synchronized (this) {
      if (born != generation || closed) {
        return;
      }
      old = backend;
      backend = null;
      generation++;
      Instant now = clock.instant();
      Absence fresh = new Absence(now, kind.missingMeanwhile(), name + " had to be started again");
      for (TargetLane<P> lane : lanes.values()) {
        lane.missing = lane.missing == null ? fresh : lane.missing;
      }
      answers = failAll(name + " died: " + reason);
      pause = reopening.afterDeath(now);
      opening = true;
    }
    listener.backendDied(name, reason);
    answers.forEach(CompletableFuture::complete);
    // What hangs in the old one must not hold up the new one.
    start(() -> closeQuietly(old), "close");
    synchronized (this) {
      openSoon(pause);
    }
  }

  /** With the monitor held: fails every path and tells who is to hear of it. */
  private Map<CompletableFuture<TargetStatus>, TargetStatus> failAll(String reason) {
    Map<CompletableFuture<TargetStatus>, TargetStatus> answers = new LinkedHashMap<>();
    for (TargetLane<P> lane : lanes.values()) {
      lane.fail(kind.all(lane.desired, PathState.State.FAILED, reason));
      answers.put(lane.waiting, lane.status());
    }
    return answers;
  }

  /** With the monitor held. */
  private void openSoon(Duration delay) {
    opening = true;
    if (delay.isZero()) {
      start(this::open, "open");
    } else {
      alarm.after(delay, () -> start(this::open, "open"));
    }
  }

  private void open() {
    Backend<P> fresh = null;
    Throwable failure = null;
    Generation coverage;
    synchronized (this) {
      coverage = new Generation(generation);
    }
    try {
      fresh = opener.open(coverage);
    } catch (BackendException | RuntimeException | Error e) {
      failure = e;
    }
    if (fresh == null) {
      openingFailed(
          failure == null ? "the provider returned nothing" : BackendOpener.reason(failure));
      return;
    }
    boolean back;
    synchronized (this) {
      opening = false;
      if (closed) {
        closeQuietly(fresh);
        return;
      }
      back = generation > 0;
      backend = fresh;
      reopening.opened(clock.instant());
      for (TargetLane<P> lane : lanes.values()) {
        schedule(lane);
      }
    }
    if (back) {
      listener.backendBack(name);
    }
  }

  private void openingFailed(String reason) {
    List<TargetLane<P>> over;
    Map<CompletableFuture<TargetStatus>, TargetStatus> answers;
    synchronized (this) {
      if (closed) {
        return;
      }
      over = takeIdle();
      answers = failAll(name + " can't be opened: " + reason);
      openSoon(reopening.afterFailure());
    }
    over.forEach(TargetLane::end);
    answers.forEach(CompletableFuture::complete);
  }

  /** With the monitor held: lanes that nothing is asked of need no backend to end. */
  private List<TargetLane<P>> takeIdle() {
    List<TargetLane<P>> idle = new ArrayList<>();
    for (TargetLane<P> lane : lanes.values()) {
      if (kind.asked(lane.desired).isEmpty()) {
        idle.add(lane);
        lane.waiting.complete(new TargetStatus(lane.id(), List.of(), 0));
      }
    }
    lanes.values().removeAll(idle);
    return idle;
  }

  private void start(Runnable task, String what) {
    Thread thread = new Thread(task, "custos-" + name + "-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  /** What becomes of the files of a container that has ended is no news: it is let go of. */
  private static boolean hasEnded(Target target) {
    try {
      return target.pidFd().isPresent() && !PidFd.isAlive(target.pidFd().getAsInt());
    } catch (NativeException e) {
      return false;
    }
  }

  /** What one life of the backend says; what a dead one says no longer counts. */
  private final class Generation implements Coverage {
    private final long born;

    Generation(long born) {
      this.born = born;
    }

    @Override
    public void changed(Target target, PathState state) {
      boolean applying;
      synchronized (BackendReconciler.this) {
        TargetLane<P> lane = lanes.get(target.id());
        if (lane == null || born != generation || closed || hasEnded(target)) {
          return;
        }
        lane.signs++;
        applying = lane.applying;
        if (!lane.change(state)) {
          return;
        }
      }
      listener.changed(target.id(), state, applying);
    }
  }

  /**
   * Waits a moment for running applies, interrupts them, and closes the backend, which by then has
   * published all that it read.
   */
  @Override
  public void close() {
    Backend<P> last;
    List<TargetLane<P>> all;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      last = backend;
      backend = null;
      all = new ArrayList<>(lanes.values());
    }
    TargetLane.stop(all);
    if (last != null) {
      last.close();
    }
  }

  private void closeQuietly(Backend<P> old) {
    try {
      old.close();
    } catch (RuntimeException e) {
      listener.backendDied(name, "could not be closed: " + BackendOpener.reason(e));
    }
  }
}

package dev.custos.agent.desired;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Backend;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  /** How long to wait for a backend that is opened or closed while this is closed. */
  private static final Duration CLOSING = Duration.ofSeconds(3);

  private static final String SILENT = " did not answer within %d s; does the file system answer?";

  private final String name;
  private final PlanKind<P> kind;
  private final EventPublisher events;
  private final StatusListener listener;
  private final Clock clock;
  private final Alarm alarm;
  private final Duration applyDeadline;
  private final BackendInspector inspector;
  private final ApplyThreads threads;
  private final PlanLanes<P> lanes;
  private final BackendLife<P> life;
  private final Absences<P> absences;

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
    this.events = events;
    this.listener = listener;
    this.clock = clock;
    this.alarm = alarm;
    this.applyDeadline = applyDeadline;
    this.threads = new ApplyThreads(name);
    this.absences = new Absences<>(kind, clock);
    this.lanes = new PlanLanes<>(kind);
    this.life = new BackendLife<>(name, opener, Generation::new, new Lifetime(), clock, alarm);
    this.inspector = new BackendInspector(name, new Inspected(), clock);
  }

  /**
   * Nothing that is asked for by the plans up to {@link #caughtUp} was kept since then, because the
   * agent did not run. Each is told of as soon as it is in place.
   */
  public synchronized void absentSince(Instant since, LossReason reason, String detail) {
    absences.lastRunEnded(since, reason, detail);
  }

  /** Tells that a plan is not to be kept: up to now since nobody was there, and from now on. */
  void refused(P plan, String reason) {
    List<EventsLost> lost;
    synchronized (this) {
      lost = absences.refused(plan, reason);
    }
    events.publishAll(lost);
  }

  /** Plans of targets that come from here on were not asked for before. */
  synchronized void caughtUp() {
    absences.caughtUp();
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
      if (life.isClosed() || (lane == null && asksNothing)) {
        return CompletableFuture.completedFuture(new TargetStatus(id, List.of(), 0));
      }
      if (lane == null) {
        lane = new TargetLane<>(id, threads);
        lane.missing = absences.before(since);
        lanes.add(lane);
      }
      if (lane.missing != null && lane.desired != null) {
        // Given up before it was in place: nobody else will tell.
        events.publishAll(lane.missing.lostUnless(kind, lane.desired, plan, clock.instant()));
      }
      lane.desired = plan;
      if (lane.waiting.isDone()) {
        lane.waiting = new CompletableFuture<>();
      }
      CompletableFuture<TargetStatus> result = lane.waiting;
      if (life.backend() != null) {
        schedule(lane);
      } else {
        life.need();
      }
      return result;
    }
  }

  /** Asks nothing more of a target. Done as soon as its descriptors may be closed. */
  CompletableFuture<Void> release(Target target) {
    CompletableFuture<Void> gone;
    synchronized (this) {
      TargetLane<P> lane = lanes.get(target.id());
      if (life.isClosed() || lane == null) {
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
    return lanes.status();
  }

  /** How often the backend died. */
  public synchronized long deaths() {
    return life.generation();
  }

  /** Compares it with the kernel. */
  BackendInspector inspector() {
    return inspector;
  }

  private final class Inspected implements BackendInspector.Subject {
    @Override
    public Optional<BackendInspector.Life> life() {
      synchronized (BackendReconciler.this) {
        return Optional.ofNullable(life.backend())
            .map(backend -> new BackendInspector.Life(life.generation(), backend));
      }
    }

    @Override
    public void compared(long born, Instant at, Set<String> differing) {
      synchronized (BackendReconciler.this) {
        if (!life.isOver(born)) {
          lanes.compared(at, differing);
        }
      }
    }

    @Override
    public void renew(long born, String target, String reason) {
      synchronized (BackendReconciler.this) {
        TargetLane<P> lane = life.isOver(born) ? null : lanes.get(target);
        if (lane != null) {
          lane.renew(clock.instant(), kind.missingMeanwhile(), reason);
          schedule(lane);
        }
      }
    }
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
    boolean renews;
    synchronized (this) {
      lane.scheduled = false;
      if (life.isClosed() || life.backend() == null) {
        return; // opening it schedules every lane again
      }
      current = life.backend();
      born = life.generation();
      plan = lane.desired;
      renews = lane.renewing;
      lane.renewing = false;
      lane.begin();
      lane.deadline = watchdog(lane, plan, lane.signs);
    }
    ApplyReport report = null;
    Throwable death = null;
    try {
      if (renews) {
        // Lets go of whatever there is of the target, asked for or not.
        ApplyReport unused = current.apply(kind.empty(kind.target(plan)));
      }
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
      if (life.isOver(born)) {
        return; // its backend is gone; the next one gets the plan too
      }
      lane.store(report);
      // Not what a comparison found out meanwhile: the next apply puts that right.
      missing = lane.renewing ? null : lane.missing;
      lane.missing = lane.renewing ? lane.missing : null;
      lane.sound = lane.sound == null ? clock.instant() : lane.sound;
      if (plan == lane.desired) {
        answer = lane.waiting;
        status = lane.status();
        if (kind.asked(plan).isEmpty()) {
          lanes.remove(lane);
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
      if (!lane.applying || life.isClosed()) {
        return;
      }
      if (lane.signs != signs) {
        lane.deadline = watchdog(lane, plan, lane.signs);
        return;
      }
      lane.fail(
          kind.all(
              plan, PathState.State.FAILED, name + SILENT.formatted(applyDeadline.toSeconds())));
      answer = lane.waiting;
      status = lane.status();
    }
    answer.complete(status);
  }

  private void died(long born, String reason) {
    Backend<P> old;
    Map<CompletableFuture<TargetStatus>, TargetStatus> answers;
    synchronized (this) {
      if (life.isOver(born)) {
        return;
      }
      old = life.end();
      lanes.lose(
          new Absence(clock.instant(), kind.missingMeanwhile(), name + " had to be started again"));
      answers = lanes.failAll(name + " died: " + reason);
    }
    listener.backendDied(name, reason);
    answers.forEach(CompletableFuture::complete);
    life.next(old);
  }

  private final class Lifetime implements BackendLife.Owner {
    @Override
    public Object monitor() {
      return BackendReconciler.this;
    }

    @Override
    public Runnable opened(boolean again) {
      lanes.all().forEach(BackendReconciler.this::schedule);
      return again ? () -> listener.backendBack(name) : () -> {};
    }

    @Override
    public Runnable openingFailed(String reason) {
      List<TargetLane<P>> over = lanes.takeIdle();
      Map<CompletableFuture<TargetStatus>, TargetStatus> answers =
          lanes.failAll(name + " can't be opened: " + reason);
      return () -> {
        over.forEach(TargetLane::end);
        answers.forEach(CompletableFuture::complete);
      };
    }

    @Override
    public void closingFailed(String reason) {
      listener.backendDied(name, "could not be closed: " + reason);
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
        // What becomes of the files of a container that has ended is no news: it is let go of.
        if (lane == null || life.isOver(born) || OpenTargets.hasEnded(target)) {
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
      if (life.isClosed()) {
        return;
      }
      last = life.close();
      all = lanes.all();
    }
    TargetLane.stop(all);
    if (last != null) {
      last.close();
    }
    life.awaitEnd(CLOSING);
  }
}

package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * One target: its group, its reader, its marks. All methods may be called by any thread; each waits
 * for the one before.
 */
final class TargetGuard implements AutoCloseable {
  /** Why nothing is guarded while the reader is stuck. */
  static final String STALLED =
      "a file system of the target did not answer within "
          + TimeUnit.NANOSECONDS.toMillis(GroupReaders.STALL_NANOS)
          + " ms when a guarded file was opened; nothing of the target is guarded until it does, or"
          + " until another plan leaves it out";

  private static final long LONGEST_LOOK_SECONDS = 2;

  private final Target target;
  private final BackendContext context;
  private final String auditProblem;
  private final Owner owner;
  private final GroupReaders readers;
  private final Follower follower;
  private final Followed followed;
  private final MarkKeeper keeper;
  private volatile List<PathState> states = List.of();
  private volatile GuardPlan plan;
  // When the readers got stuck; null unless they are.
  private volatile Instant stalledSince;
  // Not held by close(), for whoever holds it may wait for a file system.
  private final ReentrantLock looking = new ReentrantLock();
  private volatile boolean closed;

  /**
   * Opens a group and starts its reader.
   *
   * @param auditProblem why answers can't be audited here; empty if they can
   */
  TargetGuard(
      Target target,
      BackendContext context,
      DecisionPublisher publisher,
      String auditProblem,
      DescriptorReserve reserve,
      GuardSettings settings,
      MarkRoom.Share room,
      OwnListings listings,
      Follower follower)
      throws NativeException {
    this.target = target;
    this.context = context;
    this.auditProblem = auditProblem;
    this.owner = new Owner(target.pidFd());
    this.readers =
        new GroupReaders(
            target,
            context,
            publisher,
            owner,
            listings,
            auditProblem.isEmpty(),
            reserve,
            new Outcome());
    try {
      this.keeper =
          new MarkKeeper(target, settings, room, listings, readers.group(), readers::decideBy);
      this.follower = follower;
      this.followed = follower.follow(target.mountTable(), this::lookAgain);
    } catch (NativeException | RuntimeException e) {
      readers.close();
      throw e;
    }
  }

  GroupReaders readers() {
    return readers;
  }

  /** Whether the readers are stuck in the kernel, so that nothing is guarded now. */
  boolean isStalled() {
    return readers.isStalled();
  }

  /** Whether this is what was applied last. */
  boolean hasPlan(GuardPlan other) {
    GuardPlan last = plan;
    return last != null && last.guards().equals(other.guards());
  }

  /** Whether the reader has not ended, so that this can still guard. */
  boolean isAlive() {
    return readers.isAlive();
  }

  /** Makes the marks those of a plan. */
  ApplyReport apply(GuardPlan desired) {
    looking.lock();
    try {
      plan = desired;
      states = look();
      return new ApplyReport(states, keeper.count());
    } finally {
      looking.unlock();
    }
  }

  private List<PathState> look() {
    Followed.Look look = followed.begin();
    try {
      List<PathState> found = keeper.look(plan, look, this::refused, guard -> note(guard, look));
      look.done();
      readers.flushIfStalled();
      return found;
    } catch (NativeException e) {
      return plan.guards().stream().flatMap(guard -> failed(guard, e.getMessage())).toList();
    }
  }

  private static Stream<PathState> failed(Guard guard, String reason) {
    return Stream.concat(guard.allow().stream(), guard.deny().stream())
        .map(path -> PathState.failed(guard.subject(), path, reason));
  }

  /** Something has changed where the plan's paths lead, or may have. */
  private void lookAgain() {
    looking.lock();
    try {
      if (closed || plan == null || readers.isStalled() || !readers.isAlive()) {
        return;
      }
      List<PathState> last = states;
      List<Survey.Row> lastRows = keeper.rows();
      List<PathState> now = look();
      if (!closed && !readers.isStalled()) {
        states = now;
        MarkKeeper.changes(last, lastRows, now, keeper.rows())
            .forEach(state -> context.coverage().changed(target, state));
      }
    } finally {
      looking.unlock();
    }
  }

  private String refused(Guard guard) {
    return guard.audit() && !auditProblem.isEmpty()
        ? "its answers can't be audited: " + auditProblem + "; leave out audit to guard without it"
        : "";
  }

  private String note(Guard guard, Followed.Look look) {
    List<String> notes = new ArrayList<>();
    if (!guard.leftOut().isEmpty()) {
      notes.add(
          String.join(", ", guard.leftOut())
              + " left out: the kernel asks about open, access and execute alone");
    }
    if (guard.autoAllowOwner() && !owner.isKnown()) {
      notes.add("autoAllowOwner allows nobody here: the target has no process of its own");
    }
    if (!look.problem().isEmpty()) {
      notes.add(look.problem());
    }
    return String.join("; ", notes);
  }

  /** Compares the marks placed with those that the kernel has; nothing while a look takes long. */
  Inspection inspect() {
    try {
      if (!looking.tryLock(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS)) {
        return Inspection.NOTHING;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Inspection.NOTHING;
    }
    try {
      // A flushed group has no marks, which is known and told.
      return isStalled() ? Inspection.NOTHING : keeper.inspect(readers.ownMark());
    } finally {
      looking.unlock();
    }
  }

  /** Tells the host what becomes of the readers. */
  private final class Outcome implements GroupReaders.Listener {
    @Override
    public void stalled(Instant since) {
      stalledSince = since;
      fail(STALLED);
      lost(Subject.ofAgent(), FilePath.EMPTY, since, "not guarded from here on: " + STALLED);
    }

    /** On a thread of its own: whoever opens paths may have to wait for the same file system. */
    @Override
    public void resumed() {
      context.threads().newThread(TargetGuard.this::guardAgain).start();
    }

    @Override
    public void ended(Throwable cause) {
      if (cause == null) {
        return;
      }
      String detail = "guarding ended: " + cause.getMessage();
      fail(detail);
      lost(Subject.ofAgent(), FilePath.EMPTY, null, detail);
    }
  }

  private List<PathState> active() {
    return states.stream().filter(row -> row.state() == State.ACTIVE).toList();
  }

  private void fail(String reason) {
    for (PathState row : active()) {
      context.coverage().changed(target, PathState.failed(row.subject(), row.path(), reason));
    }
  }

  private void guardAgain() {
    looking.lock();
    try {
      placeAgain();
    } finally {
      looking.unlock();
    }
  }

  private void placeAgain() {
    Instant since = stalledSince;
    if (closed || since == null) {
      return;
    }
    stalledSince = null;
    List<PathState> before = active();
    keeper.forgetAll();
    ApplyReport report = apply(plan);
    report.paths().forEach(row -> context.coverage().changed(target, row));
    for (PathState row : before) {
      lost(row.subject(), row.path(), since, "a file system of the target did not answer");
    }
  }

  private void lost(Subject subject, FilePath path, Instant since, String detail) {
    Instant now = context.clock().instant();
    context
        .events()
        .publish(
            EventsLost.builder(subject, target.origin())
                .time(now)
                .reason(LossReason.UNGUARDED)
                .path(path)
                .from(since)
                .to(now)
                .detail(detail)
                .build());
  }

  /** Removes all marks and ends the readers; see {@link GroupReaders#close}. */
  @Override
  public void close() {
    closed = true;
    follower.leave(followed);
    readers.close();
    awaitLook();
    keeper.close();
    Instant since = stalledSince;
    if (since != null) {
      stalledSince = null;
      for (PathState row : active()) {
        lost(row.subject(), row.path(), since, "a file system of the target did not answer");
      }
    }
  }

  /** A look uses the target's descriptors, which the host closes after this. */
  private void awaitLook() {
    try {
      if (looking.tryLock(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS)) {
        looking.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

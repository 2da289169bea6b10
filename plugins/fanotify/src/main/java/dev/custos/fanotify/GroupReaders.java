package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One target's group and who reads from it: a reader, and stand-ins while that one is stuck in the
 * kernel.
 *
 * <p>A reader is stuck when the file system of an event's file does not answer: read(2) opens the
 * file first. Then all marks are removed, so that new accesses pass, and stand-ins answer what is
 * queued. What the reader has taken itself waits for the file system, as it would without a guard.
 */
final class GroupReaders implements AutoCloseable {
  /** How long a read may take. */
  static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int MOST_STAND_INS = 16;

  private final Target target;
  private final BackendContext context;
  private final DecisionPublisher publisher;
  private final Owner owner;
  private final OwnListings listings;
  private final boolean canAudit;
  private final DescriptorReserve reserve;
  private final Listener listener;
  private final FanotifyGroup group;
  private final Question question;
  private final DecisionLog log;
  private final GuardReader reader;
  private final Thread thread;
  private volatile RuleTable table = RuleTable.EMPTY;
  private volatile boolean stalled;
  private volatile boolean closed;

  // The supervisor's alone.
  private final List<StandIn> standIns = new ArrayList<>();
  private long seen;
  private long seenAt;
  private int looks;

  // Of whoever asks for a proof.
  private long proofSeen = -1;

  /** Who hears how the readers fare. */
  interface Listener {
    /**
     * The reader has been stuck since then, and all marks are removed. On the publisher's thread.
     */
    void stalled(Instant since);

    /** The reader is back; there is no mark yet. On the publisher's thread. */
    void resumed();

    /**
     * The reader has ended, and the group is closed: null if that was asked for, else the cause.
     */
    void ended(Throwable cause);
  }

  /** Opens a group and starts its reader. */
  GroupReaders(
      Target target,
      BackendContext context,
      DecisionPublisher publisher,
      Owner owner,
      OwnListings listings,
      boolean canAudit,
      DescriptorReserve reserve,
      Listener listener)
      throws NativeException {
    this.target = target;
    this.context = context;
    this.publisher = publisher;
    this.owner = owner;
    this.listings = listings;
    this.canAudit = canAudit;
    this.reserve = reserve;
    this.listener = listener;
    this.group = new FanotifyGroup(canAudit);
    this.log = publisher.open(target, owner.users());
    Question opened = null;
    try {
      opened = new Question(group);
      this.question = opened;
      this.reader = new GuardReader(group, events(log), this::ended);
      this.thread = context.threads().newThread(reader);
    } catch (NativeException | RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      group.close();
      publisher.close(log);
      throw e;
    }
    seen = reader.progress().look();
    thread.start();
  }

  private EventReader events(DecisionLog itsLog) throws NativeException {
    Responder responder =
        new Responder(
            group.number(),
            new Verdict(target, owner, listings),
            itsLog,
            publisher,
            context.clock(),
            canAudit,
            question);
    return new EventReader(group.number(), responder, () -> table, reserve);
  }

  FanotifyGroup group() {
    return group;
  }

  /** What is marked beside the target's own files. */
  ObjectId ownMark() {
    return question.id();
  }

  /** Decides by this table from the next event on. */
  void decideBy(RuleTable next) {
    table = next;
  }

  boolean isAlive() {
    return group.isOpen();
  }

  boolean isStalled() {
    return stalled;
  }

  /** Looks after the reader: at the supervisor's every turn, with the time that it is. */
  void supervise(long now) {
    if (closed) {
      return;
    }
    long state = reader.progress().look();
    if (stalled) {
      if (state == seen) {
        standIn();
      } else {
        resume();
      }
    } else if (state != seen) {
      seen = state;
      seenAt = now;
      looks = 0;
    } else if (ReaderProgress.isReading(state)) {
      // A pause of the whole virtual machine stops supervisor and reader alike, and one look after
      // it proves nothing.
      looks++;
      if (looks == 1) {
        // One that only waits for the next event hears this.
        question.nudge();
      } else if (now - seenAt >= STALL_NANOS && group.hasQueued() && reader.isSleeping()) {
        stall(now);
      }
    }
  }

  /** Has the supervisor's way walked once, while there is nothing to be stuck at. */
  void rehearse() {
    question.nudge();
    group.hasQueued();
    reader.isSleeping();
    stall(System.nanoTime());
    resume();
  }

  private void stall(long now) {
    reader.setAlone(false);
    stalled = true;
    group.flush();
    standIn();
    Instant since = context.clock().instant().minusNanos(now - seenAt);
    publisher.later(() -> listener.stalled(since));
  }

  /** Starts a stand-in, unless one is at work or has found nothing to do. */
  private void standIn() {
    if (!standIns.isEmpty()) {
      long state = standIns.get(standIns.size() - 1).progress().look();
      if (!ReaderProgress.isReading(state)) {
        return;
      }
    }
    if (closed || standIns.size() == MOST_STAND_INS || !group.acquire()) {
      return;
    }
    DecisionLog itsLog = publisher.open(target, owner.users());
    try {
      StandIn standIn = new StandIn(group, events(itsLog), itsLog, publisher);
      context.threads().newThread(standIn).start();
      standIns.add(standIn);
    } catch (NativeException | RuntimeException e) {
      // Without a descriptor or a thread to spare there is no help; the next turn tries again.
      group.release();
      publisher.close(itsLog);
    }
  }

  private void resume() {
    standIns.forEach(StandIn::stop);
    standIns.removeIf(one -> ReaderProgress.isEnded(one.progress().look()));
    if (!standIns.isEmpty() || !isAlive()) {
      return;
    }
    question.place();
    stalled = false;
    reader.setAlone(true);
    publisher.later(listener::resumed);
  }

  /**
   * Asks the reader a question and returns when it is answered, except where it is known to be
   * stuck. One thread at a time.
   *
   * @return false if the reader has had the same event in its hands since the last call
   */
  boolean prove() {
    long state = reader.progress().look();
    boolean holdsOn = ReaderProgress.isAnswering(state) && state == proofSeen;
    proofSeen = state;
    if (holdsOn) {
      return false;
    }
    if (!stalled && isAlive()) {
      question.ask();
    }
    return true;
  }

  private void ended(Throwable cause) {
    publisher.close(log);
    question.close();
    listener.ended(cause);
  }

  /**
   * Removes all marks, has what is queued answered and the group closed. A reader that is stuck in
   * the kernel closes it when it comes back; nothing new waits for it.
   */
  @Override
  public void close() {
    closed = true;
    group.flush();
    reader.stop();
    question.place();
    question.nudge();
    if (stalled) {
      return;
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

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

  /** So many of the supervisor's turns in a row with little to do, and a second reader ends. */
  private static final int CALM_TURNS = 4;

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
  private final ReaderWatch watch;
  private volatile RuleTable table = RuleTable.EMPTY;
  private volatile boolean stalled;
  private volatile boolean closed;
  private volatile HelpingReader second;

  // The supervisor's alone.
  private final List<HelpingReader> standIns = new ArrayList<>();
  private int calmTurns;

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
    watch = new ReaderWatch(reader.progress(), reader::isSleeping);
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
            question,
            reserve);
    return new EventReader(group.number(), responder, () -> table);
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

  /** Removes marks that were placed while a reader got stuck, after the others were removed. */
  synchronized void flushIfStalled() {
    if (stalled) {
      group.flush();
    }
  }

  /** Whether two readers share the work. */
  boolean isShared() {
    return second != null;
  }

  /** Looks after the readers: at the supervisor's every turn, with the time that it is. */
  void supervise(long now) {
    if (closed) {
      return;
    }
    HelpingReader other = second;
    if (stalled) {
      if (watch.isStillReading()) {
        standIn();
      } else {
        watch.look(now);
        resume();
      }
    } else if (isStuck(watch, now)) {
      stall(now - watch.since());
    } else if (other != null && isStuck(other.watch(), now)) {
      stall(now - other.watch().since());
    } else {
      share();
    }
  }

  private boolean isStuck(ReaderWatch one, long now) {
    int looks = one.look(now);
    if (looks == 1) {
      // One that only waits for the next event hears this.
      question.nudge();
    }
    // A pause of the whole virtual machine stops supervisor and reader alike, and one look after it
    // proves nothing. Beside a second reader no read waits for an event.
    return looks > 1
        && now - one.since() >= STALL_NANOS
        && (second != null || group.hasQueued())
        && one.isSleeping();
  }

  /** Has a second reader as long as there is too much to do for one. */
  private void share() {
    boolean much = reader.pressure().isHigh();
    HelpingReader other = second;
    if (other == null) {
      if (much) {
        startSecond();
      }
    } else if (other.hasEnded()) {
      forgetSecond();
      reader.setAlone(true);
    } else {
      calmTurns = much ? 0 : calmTurns + 1;
      if (calmTurns == CALM_TURNS) {
        other.stop();
      }
    }
  }

  private void forgetSecond() {
    second = null;
    reader.pressure().sharedWith(null);
  }

  /** Starts a second reader, if there can be one. */
  void startSecond() {
    // Without it an access that the kernel denies by itself could look like an empty queue.
    if (!group.tellsErrors()) {
      return;
    }
    // Before it reads, for none of its reads may wait.
    reader.setAlone(false);
    HelpingReader helper = helper(true);
    if (helper == null) {
      reader.setAlone(true);
      return;
    }
    calmTurns = 0;
    reader.pressure().sharedWith(helper.progress());
    second = helper;
    if (closed || !isAlive()) {
      // What ends the reader may have looked for a second one just before.
      helper.stop();
    }
  }

  /** Has the supervisor's way walked once, while there is nothing to be stuck at. */
  void rehearse() {
    question.nudge();
    group.hasQueued();
    reader.isSleeping();
    startSecond();
    share();
    stall(0);
    resume();
  }

  private void stall(long nanos) {
    reader.setAlone(false);
    stalled = true;
    group.flush();
    standIn();
    Instant since = context.clock().instant().minusNanos(nanos);
    publisher.later(() -> listener.stalled(since));
  }

  private HelpingReader helper(boolean sharing) {
    if (!group.acquire()) {
      return null;
    }
    DecisionLog itsLog = publisher.open(target, owner.users());
    try {
      Runnable onEnd = () -> publisher.close(itsLog);
      HelpingReader helper =
          new HelpingReader(group, events(itsLog), sharing, onEnd, this::helperFailed);
      helper.start(context.threads());
      return helper;
    } catch (NativeException | RuntimeException e) {
      // Without a descriptor or a thread to spare there is no help; the next turn tries again.
      group.release();
      publisher.close(itsLog);
      return null;
    }
  }

  /** What one reader can't do no other can: the target's guard ends, and says why. */
  private void helperFailed(Throwable cause) {
    reader.fail(cause);
    question.nudge();
  }

  /** Starts a stand-in, unless one is at work or has found nothing to do. */
  private void standIn() {
    HelpingReader last = standIns.isEmpty() ? second : standIns.get(standIns.size() - 1);
    if (last != null && !ReaderProgress.isReading(last.progress().look())) {
      return;
    }
    if (closed || standIns.size() == MOST_STAND_INS) {
      return;
    }
    HelpingReader helper = helper(false);
    if (helper != null) {
      standIns.add(helper);
    }
  }

  private void resume() {
    standIns.forEach(HelpingReader::stop);
    standIns.removeIf(HelpingReader::hasEnded);
    HelpingReader other = second;
    if (other != null) {
      other.stop();
    }
    if (!standIns.isEmpty() || (other != null && !other.hasEnded()) || !isAlive()) {
      return;
    }
    forgetSecond();
    synchronized (this) {
      question.place();
      stalled = false;
    }
    reader.setAlone(true);
    publisher.later(listener::resumed);
  }

  /**
   * Asks the readers a question and returns when it is answered, except where one is known to be
   * stuck. One thread at a time.
   *
   * @return false if a reader has had the same event in its hands since the last call
   */
  boolean prove() {
    HelpingReader other = second;
    // Each is looked at each time, for the next time.
    boolean onesHoldsOn = watch.holdsOn();
    boolean othersHoldsOn = other != null && other.watch().holdsOn();
    if (onesHoldsOn || othersHoldsOn) {
      return false;
    }
    if (!stalled && isAlive()) {
      question.ask();
    }
    return true;
  }

  private void ended(Throwable cause) {
    HelpingReader other = second;
    if (other != null) {
      other.stop();
    }
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
    HelpingReader other = second;
    if (stalled) {
      return;
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
      if (other != null) {
        other.awaitEnd(TimeUnit.SECONDS.toMillis(2));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.custos.fanotify;

import dev.custos.fanotify.EventReader.Outcome;
import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.util.function.Consumer;

/**
 * One target's reader. While it has nothing to do it waits in poll(2); after a question the next
 * one is near, and is waited for in read(2) itself, which takes one call less for each. There,
 * waiting for an event and waiting for an event's file look alike: so the supervisor nudges a
 * reader that stays in read(2), and one that has nothing to do goes back to poll(2). It holds the
 * group until it ends: whatever ends it, the group is let go of, so that the kernel allows what is
 * pending and asks about nothing more.
 */
final class GuardReader implements Runnable {
  private static final int LAST_READS = 10_000;

  private final FanotifyGroup group;
  private final EventReader events;
  private final Poller poller;
  private final Consumer<Throwable> onEnd;
  private final ThreadState thread = new ThreadState();
  private final Spin spin = new Spin();
  private final Pressure pressure = new Pressure(Runtime.getRuntime().availableProcessors() > 1);
  private volatile boolean alone = true;
  private volatile boolean stopping;
  private volatile Throwable failure;

  /**
   * Makes a reader that is to be run by a thread of its own.
   *
   * @param onEnd told once, after the group is let go of: null if it was stopped, else what ended
   *     it
   */
  GuardReader(FanotifyGroup group, EventReader events, Consumer<Throwable> onEnd)
      throws NativeException {
    this.group = group;
    this.events = events;
    this.onEnd = onEnd;
    this.poller = new Poller();
    poller.add(group.number(), Poller.READABLE);
  }

  ReaderProgress progress() {
    return events.progress();
  }

  Pressure pressure() {
    return pressure;
  }

  /** Whether its thread waits in the kernel for anything. Not by the reader itself. */
  boolean isSleeping() {
    return thread.isSleeping();
  }

  /**
   * Says whether other threads read from the same group now. Then no read may wait, because an
   * event that is there can be another's a moment later.
   */
  void setAlone(boolean value) {
    if (value) {
      group.setBlocking(true);
      alone = true;
    } else {
      alone = false;
      group.setBlocking(false);
    }
  }

  /** Answers what is queued, and ends; a nudge may be needed, too. */
  void stop() {
    stopping = true;
    poller.wakeup();
  }

  /** As {@link #stop}, because another reader of the group has failed. */
  void fail(Throwable cause) {
    failure = cause;
    stop();
  }

  /** Reads as long as somebody asks. */
  private void readOn() {
    Outcome outcome = Outcome.ASKED;
    while (outcome == Outcome.ASKED && !stopping) {
      boolean aloneBefore = alone;
      outcome = events.readOne();
      if (outcome == Outcome.ASKED) {
        events.progress().idle();
        pressure.answered(group.number());
        if (aloneBefore) {
          spin.await(group.number());
        }
      } else if (outcome == Outcome.NOTHING && aloneBefore && alone && !group.tellsErrors()) {
        // Nobody else reads, so there was an event: the kernel could not open its file without
        // waiting, as where somebody holds a lease on it, and has denied the access.
        events.refused(Errno.EAGAIN);
        outcome = Outcome.ASKED;
      }
    }
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      thread.isThis();
      while (!stopping) {
        events.progress().idle();
        poller.await(-1);
        if (poller.isReady(0)) {
          readOn();
        }
      }
      group.setBlocking(false);
      for (int i = 0; i < LAST_READS && events.readOne() != Outcome.NOTHING; i++) {
        // What is queued is answered by the plan still; the marks are gone already.
      }
      cause = failure;
    } catch (NativeException | RuntimeException | Error e) {
      cause = e;
    } finally {
      events.progress().ended();
      group.close();
      poller.close();
      onEnd.accept(cause);
    }
  }
}

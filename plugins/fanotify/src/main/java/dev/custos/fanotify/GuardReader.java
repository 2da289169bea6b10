package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.util.function.Consumer;

/**
 * One target's reader. It holds the group until it ends: whatever ends it, the group is let go of,
 * so that the kernel allows what is pending and asks about nothing more.
 */
final class GuardReader implements Runnable {
  private static final int LAST_READS = 10_000;

  private final FanotifyGroup group;
  private final EventReader events;
  private final Poller poller;
  private final Consumer<Throwable> onEnd;
  private final ThreadState thread = new ThreadState();
  private volatile boolean alone = true;
  private volatile boolean stopping;

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

  /** Whether its thread waits in the kernel for anything. Not by the reader itself. */
  boolean isSleeping() {
    return thread.isSleeping();
  }

  /** Says whether other threads read from the same group now. */
  void setAlone(boolean value) {
    alone = value;
  }

  /** Answers what is queued, and ends. */
  void stop() {
    stopping = true;
    poller.wakeup();
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      thread.isThis();
      while (!stopping) {
        events.progress().idle();
        poller.await(-1);
        if (poller.isReady(0) && !events.readOne() && alone) {
          // There was an event, and nobody else took it: the kernel could not open its file
          // without waiting, as where somebody holds a lease on it, and has denied the access.
          events.refused(Errno.EAGAIN);
        }
      }
      for (int i = 0; i < LAST_READS && events.readOne(); i++) {
        // What is queued is answered by the plan still; the marks are gone already.
      }
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

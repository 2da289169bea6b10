package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * Reads from a target's group beside its reader. Either it stands in for a reader that is stuck in
 * the kernel, until nothing is queued any more; it gets stuck as well where it meets an event about
 * the same file system. Or it shares the reader's work until it is told to stop. While there is
 * one, no read of the group may wait: see {@link GuardReader#setAlone}.
 */
final class HelpingReader implements Runnable {
  private final FanotifyGroup group;
  private final EventReader events;
  private final Runnable onEnd;
  private final Consumer<Throwable> onFailure;
  // Null for one that stands in.
  private final Poller poller;
  private final ThreadState state = new ThreadState();
  private final ReaderWatch watch;
  private Thread thread;
  private volatile boolean stopping;

  /**
   * Makes one for a group that the caller has acquired; it is released at the end.
   *
   * @param sharing whether it goes on when nothing is queued
   * @param onEnd run when it has ended
   * @param onFailure told what has ended it, if that was no stop
   */
  HelpingReader(
      FanotifyGroup group,
      EventReader events,
      boolean sharing,
      Runnable onEnd,
      Consumer<Throwable> onFailure)
      throws NativeException {
    this.group = group;
    this.events = events;
    this.onEnd = onEnd;
    this.onFailure = onFailure;
    this.poller = sharing ? new Poller() : null;
    this.watch = new ReaderWatch(events.progress(), state::isSleeping);
    if (sharing) {
      poller.add(group.number(), Poller.READABLE);
    }
  }

  ReaderProgress progress() {
    return events.progress();
  }

  /** What the supervisor has seen of it. */
  ReaderWatch watch() {
    return watch;
  }

  boolean hasEnded() {
    return ReaderProgress.isEnded(events.progress().look());
  }

  void start(ThreadFactory threads) {
    thread = threads.newThread(this);
    thread.start();
  }

  /** Waits until it has ended, for so long at most. */
  void awaitEnd(long millis) throws InterruptedException {
    thread.join(millis);
  }

  void stop() {
    stopping = true;
    if (poller != null) {
      poller.wakeup();
    }
  }

  /** Reads until nothing is queued, or it is to stop. */
  private void readOn() {
    while (!stopping && events.readOne() != EventReader.Outcome.NOTHING) {
      // One event at a time, until there is none.
    }
  }

  @Override
  public void run() {
    try {
      state.isThis();
      readOn();
      while (poller != null && !stopping) {
        events.progress().idle();
        poller.await(-1);
        readOn();
      }
    } catch (NativeException | RuntimeException | Error e) {
      onFailure.accept(e);
    } finally {
      events.progress().ended();
      if (poller != null) {
        poller.close();
      }
      group.release();
      onEnd.run();
    }
  }
}

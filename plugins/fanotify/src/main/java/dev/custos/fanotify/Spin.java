package dev.custos.fanotify;

import java.util.concurrent.TimeUnit;

/**
 * Looks for the next event for some microseconds before a reader goes to sleep, as long as that
 * pays: to wake a thread on another processor takes longer than most askers take to ask again. Only
 * after an event, so that nothing is spent where nobody asks; never where there is one processor,
 * which is the asker's then. One thread's own.
 */
final class Spin {
  private static final long LONGEST_NANOS = TimeUnit.MICROSECONDS.toNanos(25);
  private static final int PAUSES = 16;

  // Of so many tries half have to find an event, else it is left off for a while.
  private static final int TRIES = 64;
  private static final int LEFT_OFF = 4096;
  private static final int MOST_AT_ONCE = 63;

  private final QueuedEvents queued = new QueuedEvents();
  private final boolean possible = Runtime.getRuntime().availableProcessors() > 1;
  private int tries;
  private int found;
  private int leftOff;
  private int atOnce;

  /** Returns when an event is queued, or it is time to sleep. */
  void await(int group) {
    if (!possible) {
      return;
    }
    if (leftOff > 0) {
      leftOff--;
      return;
    }
    if (queued.any(group)) {
      // While events are there before they are looked for, a look is a call for nothing.
      atOnce = Math.min(2 * atOnce + 1, MOST_AT_ONCE);
      leftOff = atOnce;
      return;
    }
    atOnce = 0;
    found += isQueuedSoon(group) ? 1 : 0;
    if (++tries == TRIES) {
      leftOff = found < TRIES / 2 ? LEFT_OFF : 0;
      tries = 0;
      found = 0;
    }
  }

  private boolean isQueuedSoon(int group) {
    long end = System.nanoTime() + LONGEST_NANOS;
    while (System.nanoTime() < end) {
      for (int i = 0; i < PAUSES; i++) {
        Thread.onSpinWait();
      }
      if (queued.any(group)) {
        return true;
      }
    }
    return false;
  }
}

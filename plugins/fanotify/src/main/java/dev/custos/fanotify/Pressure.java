package dev.custos.fanotify;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells whether a reader has more to do than it can: then another question is waiting, or in a
 * second reader's hands, when it has answered one. Of some questions only, for a look takes a call.
 * The reader writes, without fences, and the supervisor looks.
 */
final class Pressure {
  private static final int EVERY = 16;

  /** So many looks between two of the supervisor's, else there is not much to do. */
  private static final int LEAST = 32;

  private final boolean possible;
  private final QueuedEvents queued = new QueuedEvents();
  private final AtomicLong looks = new AtomicLong();
  private final AtomicLong hits = new AtomicLong();
  private volatile ReaderProgress second;

  // The reader's alone.
  private int answered;

  // The supervisor's alone.
  private long looksBefore;
  private long hitsBefore;

  /**
   * Without any yet.
   *
   * @param possible whether another reader could run beside the first
   */
  Pressure(boolean possible) {
    this.possible = possible;
  }

  /** Says who shares the reader's work; null if nobody does. */
  void sharedWith(ReaderProgress other) {
    second = other;
  }

  /** The reader has answered a question. */
  void answered(int group) {
    if (!possible || ++answered < EVERY) {
      return;
    }
    answered = 0;
    ReaderProgress other = second;
    boolean busy = other != null && ReaderProgress.isAnswering(other.look());
    looks.lazySet(looks.get() + 1);
    if (busy || queued.any(group)) {
      hits.lazySet(hits.get() + 1);
    }
  }

  /** Whether that was so most of the time since the last call. */
  boolean isHigh() {
    long looked = looks.get() - looksBefore;
    long hit = hits.get() - hitsBefore;
    looksBefore += looked;
    hitsBefore += hit;
    return looked >= LEAST && 2 * hit >= looked;
  }
}

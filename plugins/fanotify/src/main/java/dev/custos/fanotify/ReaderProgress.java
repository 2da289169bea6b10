package dev.custos.fanotify;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where a reader is, for others to see. One thread writes, without the fence that a volatile write
 * costs: who looks sees it a moment later, and waits for much longer moments.
 */
final class ReaderProgress {
  private static final int PHASE_BITS = 2;
  private static final int PHASE = 0x3;
  private static final int IDLE = 0;
  private static final int READING = 1;
  private static final int ANSWERING = 2;
  private static final int ENDED = 3;

  private final AtomicLong state = new AtomicLong();
  private long turns;

  /** Waits for events. */
  void idle() {
    state.lazySet(turns << PHASE_BITS | IDLE);
  }

  /** Asks the kernel for an event: it opens the event's file on the way. */
  void reading() {
    state.lazySet(++turns << PHASE_BITS | READING);
  }

  /** Has an event that waits for its answer. */
  void answering() {
    state.lazySet(turns << PHASE_BITS | ANSWERING);
  }

  void ended() {
    state.set(turns << PHASE_BITS | ENDED);
  }

  /** The state: as long as it is the same, the reader has not moved. */
  long look() {
    return state.get();
  }

  static boolean isReading(long state) {
    return (state & PHASE) == READING;
  }

  static boolean isAnswering(long state) {
    return (state & PHASE) == ANSWERING;
  }

  static boolean isEnded(long state) {
    return (state & PHASE) == ENDED;
  }
}

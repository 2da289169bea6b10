package dev.custos.fanotify;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A ring of decisions from one reader to the publisher. Never blocks and, once made, allocates
 * nothing: what does not fit is counted.
 */
final class DecisionLog {
  static final int CAPACITY = 4096;

  private final Decision[] slots = new Decision[CAPACITY];
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private volatile int refusalErrno;
  private volatile boolean ended;

  DecisionLog() {
    for (int i = 0; i < CAPACITY; i++) {
      slots[i] = new Decision();
    }
  }

  /** The next free slot, or null, and counted, if there is none. Reader only. */
  Decision claim() {
    long at = tail.get();
    if (at - head.get() == CAPACITY) {
      lost.incrementAndGet();
      return null;
    }
    return slots[(int) (at % CAPACITY)];
  }

  /** Hands over the slot that was claimed. Reader only. */
  void commit() {
    tail.set(tail.get() + 1);
  }

  /** Notes that the kernel's queue was full. Reader only. */
  void overflowed() {
    overflows.incrementAndGet();
  }

  /** Notes that the kernel could not hand an event over and so denied the access. Reader only. */
  void refused(int errno) {
    refusalErrno = errno;
    refusals.incrementAndGet();
  }

  /** Takes up to {@code atMost} decisions. Publisher only. */
  int drain(Consumer<Decision> taker, int atMost) {
    long from = head.get();
    int n = (int) Math.min(atMost, tail.get() - from);
    for (int i = 0; i < n; i++) {
      taker.accept(slots[(int) ((from + i) % CAPACITY)]);
      head.set(from + i + 1);
    }
    return n;
  }

  boolean isEmpty() {
    return head.get() == tail.get()
        && lost.get() == 0
        && overflows.get() == 0
        && refusals.get() == 0;
  }

  /** How many decisions were not noted since the last call. */
  long takeLost() {
    return lost.getAndSet(0);
  }

  /** How often the kernel's queue was full since the last call. */
  long takeOverflows() {
    return overflows.getAndSet(0);
  }

  /** How many accesses the kernel denied by itself since the last call. */
  long takeRefusals() {
    return refusals.getAndSet(0);
  }

  /** Nothing is committed any more. */
  void end() {
    ended = true;
  }

  boolean isEnded() {
    return ended;
  }

  int refusalErrno() {
    return refusalErrno;
  }
}

package dev.custos.fanotify;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A queue of decisions from one reader to the publisher. Never blocks; what does not fit is
 * counted. It begins small, for there may be hundreds of targets, and grows with what one burst
 * brings: a full ring is followed by one of twice the size, up to {@link #CAPACITY}. After that it
 * makes no object.
 */
final class DecisionLog {
  static final int CAPACITY = 4096;
  private static final int FIRST = 64;

  /** Bounds also how many pidfds are open between a reader and the publisher. */
  private static final int QUIET = 64;

  // Before the log is no more quiet, so that the publisher has the time to come.
  private static final int MANY = 24;

  private Ring writing = new Ring(FIRST);
  private Ring reading = writing;
  // The reader's alone; what the publisher has taken of it is in the counter below.
  private long committed;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private volatile int refusalErrno;
  private volatile boolean ended;

  private static final class Ring {
    final Decision[] slots;
    final AtomicLong head = new AtomicLong();
    final AtomicLong tail = new AtomicLong();
    // Set by the reader when this ring was full; nothing is put into this one afterwards.
    volatile Ring next;

    Ring(int capacity) {
      slots = new Decision[capacity];
      for (int i = 0; i < capacity; i++) {
        slots[i] = new Decision();
      }
    }

    Decision slot(long at) {
      return slots[(int) (at % slots.length)];
    }
  }

  /** The next free slot, or null, and counted, if there is none. Reader only. */
  Decision claim() {
    if (committed - taken.get() == CAPACITY) {
      lost.incrementAndGet();
      return null;
    }
    Ring ring = writing;
    if (ring.tail.get() - ring.head.get() == ring.slots.length) {
      Ring larger = new Ring(Math.min(2 * ring.slots.length, CAPACITY));
      writing = larger;
      ring.next = larger;
    }
    return writing.slot(writing.tail.get());
  }

  /**
   * Whether the publisher keeps up, so that it has the time to find more out about each decision.
   * Reader only.
   */
  boolean isQuiet() {
    return committed - taken.get() < QUIET;
  }

  /** Whether the publisher should not wait for more. Reader only. */
  boolean hasMany() {
    return committed - taken.get() >= MANY;
  }

  /** Hands over the slot that was claimed. Reader only. */
  void commit() {
    committed++;
    writing.tail.set(writing.tail.get() + 1);
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

  /** How many decisions there are to take for sure. Publisher only. */
  int available() {
    return isRead() ? 0 : (int) (reading.tail.get() - reading.head.get());
  }

  /** Takes up to {@code atMost} decisions. Publisher only. */
  int drain(Consumer<Decision> taker, int atMost) {
    int n = 0;
    while (n < atMost && !isRead()) {
      long at = reading.head.get();
      taker.accept(reading.slot(at));
      reading.head.set(at + 1);
      taken.lazySet(taken.get() + 1);
      n++;
    }
    return n;
  }

  /** Whether there is nothing to take, having gone on to where there may be. Publisher only. */
  private boolean isRead() {
    // Read before the tail: once there is a next ring, this one's tail moves no more.
    for (Ring next = reading.next; ; next = reading.next) {
      if (reading.head.get() != reading.tail.get()) {
        return false;
      }
      if (next == null) {
        return true;
      }
      reading = next;
    }
  }

  /** Whether there are as many as {@link #hasMany} tells a reader. Publisher only. */
  boolean isBehind() {
    return available() >= MANY;
  }

  /** Whether there is nothing to tell. Publisher only. */
  boolean isEmpty() {
    return isRead() && lost.get() == 0 && overflows.get() == 0 && refusals.get() == 0;
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

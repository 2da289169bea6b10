package dev.custos.sinks.connect;

import java.time.Duration;

/** A moment by which something has to be done. */
public final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** The moment that lies this far ahead. */
  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** What is left, rounded up, so that 0 means that it has passed. Milliseconds. */
  public long millis() {
    long left = end - System.nanoTime();
    return left <= 0 ? 0 : (left + 999_999) / 1_000_000;
  }

  public boolean hasPassed() {
    return millis() == 0;
  }
}

package dev.custos.inotify;

/** Measures how fast events come, over windows of at least a millisecond. */
final class Pace {
  private static final long WINDOW_NANOS = 1_000_000;
  private static final long FAST_PER_MILLI = 24;

  private long windowStart = System.nanoTime();
  private long events;
  private boolean fast;

  /** Counts what one read brought, and says whether waiting for more is worth it. */
  boolean isFast(int read) {
    events += read;
    long now = System.nanoTime();
    long elapsed = now - windowStart;
    if (elapsed >= WINDOW_NANOS) {
      fast = events * 1_000_000 >= FAST_PER_MILLI * elapsed;
      windowStart = now;
      events = 0;
    }
    return fast;
  }
}

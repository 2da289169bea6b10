package dev.custos.controller.server.simulation;

import java.util.Arrays;

/** How long each of so many things took. Thread-safe. */
public final class Latencies {
  private final long[] nanos;
  private int count;

  Latencies(int most) {
    this.nanos = new long[most];
  }

  synchronized void add(long taken) {
    nanos[count++] = taken;
  }

  synchronized int count() {
    return count;
  }

  /**
   * What so many of a hundred took at most, in nanoseconds; 0 if there is none.
   *
   * @param percent 0 to 100
   */
  public synchronized long percentile(double percent) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(percent / 100 * count);
    return count == 0 ? 0 : sorted[Math.max(rank, 1) - 1];
  }
}

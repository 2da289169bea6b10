package dev.custos.controller.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** How long something took, in buckets. Thread-safe. */
public final class Latency {
  /** In seconds; from a pod's own work to what a whole cluster's resync may take. */
  private static final List<Double> BOUNDS =
      List.of(
          0.0001,
          0.0005,
          0.001,
          0.0025,
          0.005,
          0.01,
          0.025,
          0.05,
          0.1,
          0.2,
          0.5,
          1.0,
          2.5,
          5.0,
          10.0,
          30.0,
          Double.POSITIVE_INFINITY);

  private final List<LongAdder> buckets = BOUNDS.stream().map(b -> new LongAdder()).toList();
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * A reading.
   *
   * @param counts of each bucket alone, not of all up to it
   */
  record Reading(List<Double> bounds, List<Long> counts, double sum) {}

  Latency() {}

  public void took(long nanos) {
    double seconds = Math.max(nanos, 0) / 1e9;
    int bucket = 0;
    while (seconds > BOUNDS.get(bucket)) {
      bucket++;
    }
    buckets.get(bucket).increment();
    sum.add(seconds);
  }

  Reading read() {
    List<Long> counts = new ArrayList<>();
    buckets.forEach(b -> counts.add(b.sum()));
    return new Reading(BOUNDS, counts, sum.sum());
  }
}

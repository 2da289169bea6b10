package dev.custos.controller.metrics;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Something that only grows, for each combination of labels. The values of labels come from small
 * closed sets; should they not, what is beyond a bound counts under {@code other}. Thread-safe.
 */
public final class Counter {
  private static final int MOST_SERIES = 1000;

  private final int labels;
  private final Map<List<String>, LongAdder> series = new ConcurrentHashMap<>();

  Counter(int labels) {
    this.labels = labels;
    if (labels == 0) {
      series.put(List.of(), new LongAdder());
    }
  }

  public void increment(String... values) {
    add(1, values);
  }

  public void add(long number, String... values) {
    if (values.length != labels) {
      throw new IllegalArgumentException("this counter has " + labels + " labels");
    }
    List<String> key = List.of(values);
    LongAdder one = series.get(key);
    if (one == null) {
      boolean room = series.size() < MOST_SERIES;
      List<String> counted = room ? key : Collections.nCopies(labels, "other");
      one = series.computeIfAbsent(counted, k -> new LongAdder());
    }
    one.add(number);
  }

  /** How often, by the labels' values. A copy. */
  public Map<List<String>, Double> read() {
    Map<List<String>, Double> values = new TreeMap<>(LabelOrder.INSTANCE);
    series.forEach((key, value) -> values.put(key, (double) value.sum()));
    return values;
  }
}

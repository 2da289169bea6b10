package dev.custos.controller.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** How long agents take to answer a snapshot. Thread-safe. */
public final class AckTimes {
  private record Sent(String version, long at) {}

  private final Latency latency;
  private final LongSupplier nanos;
  private final Map<String, Sent> byNode = new ConcurrentHashMap<>();

  public AckTimes(Latency latency, LongSupplier nanos) {
    this.latency = latency;
    this.nanos = nanos;
  }

  /** A snapshot goes out; the same one again is no news. */
  public void sent(String node, String version) {
    byNode.compute(
        node,
        (n, last) ->
            last != null && last.version().equals(version)
                ? last
                : new Sent(version, nanos.getAsLong()));
  }

  /** An agent has applied or refused a snapshot. What it says of an overtaken one counts not. */
  public void answered(String node, String version) {
    byNode.computeIfPresent(
        node,
        (n, last) -> {
          if (last.version().equals(version) && last.at() != Long.MIN_VALUE) {
            latency.took(nanos.getAsLong() - last.at());
            return new Sent(version, Long.MIN_VALUE);
          }
          return last;
        });
  }

  public void gone(String node) {
    byNode.remove(node);
  }
}

package dev.custos.agent.pipeline;

import java.time.Duration;

/**
 * How the host treats one sink.
 *
 * @param queueCapacity how many events may wait for it; what comes beyond is lost, and counted
 * @param maxBatch how many events one write gets at most
 * @param linger how long the worker lets events gather while they come fast; zero to never wait
 * @param writeDeadline how long a write may take before its thread is interrupted, and how long
 *     after that before the sink is abandoned
 * @param retryMin the pause after a first failed write; each further one doubles it
 * @param retryMax the longest pause between two tries
 * @param limit after how many written events the sink is done; 0 for never
 */
public record SinkPolicy(
    int queueCapacity,
    int maxBatch,
    Duration linger,
    Duration writeDeadline,
    Duration retryMin,
    Duration retryMax,
    long limit) {
  public static final SinkPolicy DEFAULT =
      new SinkPolicy(
          65_536,
          4096,
          Duration.ofMillis(1),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          0);

  public SinkPolicy {
    // A gap takes a place of its own beside the event that ends it.
    if (queueCapacity < 2 || maxBatch < 1) {
      throw new IllegalArgumentException("a queue needs room for two events, a batch for one");
    }
  }

  public SinkPolicy withLimit(long events) {
    return new SinkPolicy(
        queueCapacity, maxBatch, linger, writeDeadline, retryMin, retryMax, events);
  }
}

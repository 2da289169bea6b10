package dev.custos.agent.pipeline;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How the host treats one sink.
 *
 * @param memory how many events may wait for it in memory; what comes beyond is lost, and counted
 * @param spool where events are written ahead; empty if they wait in memory alone
 * @param maxBatch how many events one write gets at most
 * @param linger how long the worker lets events gather while they come fast; zero to never wait
 * @param writeDeadline how long a write may take before its thread is interrupted, and how long
 *     after that before the sink is abandoned
 * @param retry what follows a failed write
 * @param limit after how many written events the sink is done; 0 for never
 */
public record SinkPolicy(
    int memory,
    Optional<SpoolPolicy> spool,
    int maxBatch,
    Duration linger,
    Duration writeDeadline,
    RetryPolicy retry,
    long limit) {
  public static final SinkPolicy DEFAULT =
      new SinkPolicy(
          65_536,
          Optional.empty(),
          4096,
          Duration.ofMillis(1),
          Duration.ofSeconds(30),
          RetryPolicy.DEFAULT,
          0);

  public SinkPolicy {
    // A gap takes a place of its own beside the event that ends it.
    if (memory < 2 || maxBatch < 1) {
      throw new IllegalArgumentException("a queue needs room for two events, a batch for one");
    }
    Objects.requireNonNull(spool, "spool");
    Objects.requireNonNull(linger, "linger");
    Objects.requireNonNull(writeDeadline, "writeDeadline");
    Objects.requireNonNull(retry, "retry");
  }

  public SinkPolicy withLimit(long events) {
    return new SinkPolicy(memory, spool, maxBatch, linger, writeDeadline, retry, events);
  }

  public SinkPolicy withMemory(int events) {
    return new SinkPolicy(events, spool, maxBatch, linger, writeDeadline, retry, limit);
  }

  public SinkPolicy withSpool(SpoolPolicy spool) {
    return new SinkPolicy(
        memory, Optional.of(spool), maxBatch, linger, writeDeadline, retry, limit);
  }

  public SinkPolicy withMaxBatch(int events) {
    return new SinkPolicy(memory, spool, events, linger, writeDeadline, retry, limit);
  }

  public SinkPolicy withLinger(Duration linger) {
    return new SinkPolicy(memory, spool, maxBatch, linger, writeDeadline, retry, limit);
  }

  public SinkPolicy withWriteDeadline(Duration deadline) {
    return new SinkPolicy(memory, spool, maxBatch, linger, deadline, retry, limit);
  }

  public SinkPolicy withRetry(RetryPolicy retry) {
    return new SinkPolicy(memory, spool, maxBatch, linger, writeDeadline, retry, limit);
  }
}

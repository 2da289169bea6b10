package dev.custos.agent.pipeline;

import java.util.concurrent.atomic.LongAdder;

/** What happened to one sink's events. Updated once per batch, read by anyone. */
public final class SinkCounters {
  private final LongAdder written = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder batchNanos = new LongAdder();
  private volatile String lastError = "";
  private volatile boolean failing;

  void written(long events) {
    written.add(events);
  }

  void retried(long events) {
    retried.add(events);
  }

  void rejected(long events) {
    rejected.add(events);
  }

  void deadLettered(long events) {
    deadLettered.add(events);
  }

  void lost(long events) {
    lost.add(events);
  }

  void wrote(long nanos) {
    batches.increment();
    batchNanos.add(nanos);
  }

  void failed(String reason) {
    lastError = reason;
  }

  void failing(boolean now) {
    failing = now;
  }

  /** Events that the sink accepted. */
  public long written() {
    return written.sum();
  }

  /** Events that were offered again; one event may count several times. */
  public long retried() {
    return retried.sum();
  }

  /** Events that the receiver refused for good. */
  public long rejected() {
    return rejected.sum();
  }

  /** Those among the rejected that the sink has put aside. */
  public long deadLettered() {
    return deadLettered.sum();
  }

  /**
   * Events that will never reach the sink, as far as they could be counted: its queue or its spool
   * was full, it was given up, or it had failed for good.
   */
  public long lost() {
    return lost.sum();
  }

  /** Writes that returned, whatever came of them. */
  public long batches() {
    return batches.sum();
  }

  /** How long all of them took together, in nanoseconds. */
  public long batchNanos() {
    return batchNanos.sum();
  }

  /** Why a write or the spool failed last; empty if none ever did. */
  public String lastError() {
    return lastError;
  }

  /** Whether the last write failed and is tried again. */
  public boolean failing() {
    return failing;
  }
}

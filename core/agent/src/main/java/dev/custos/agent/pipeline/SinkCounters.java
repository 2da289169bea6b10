package dev.custos.agent.pipeline;

import java.util.concurrent.atomic.LongAdder;

/** What happened to one sink's events. Updated once per batch, read by anyone. */
public final class SinkCounters {
  private final LongAdder written = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder lost = new LongAdder();

  void written(long events) {
    written.add(events);
  }

  void retried(long events) {
    retried.add(events);
  }

  void rejected(long events) {
    rejected.add(events);
  }

  void lost(long events) {
    lost.add(events);
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

  /** Events that never reached the sink: its queue was full, or it had failed for good. */
  public long lost() {
    return lost.sum();
  }
}

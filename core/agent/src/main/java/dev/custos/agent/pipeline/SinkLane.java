package dev.custos.agent.pipeline;

import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.Sink;
import java.util.ArrayList;
import java.util.List;

/** One sink's way: its queue, and the worker that serves it now. */
final class SinkLane {
  /** Stuck threads can't be ended, so only so many are left behind before the host waits. */
  private static final int MAX_ABANDONED = 3;

  private final EventPipeline pipeline;
  private final SinkSpec spec;
  private final String name;
  private final SinkPolicy policy;
  // Null if everything passes.
  private final EventMatch.Filter filter;
  private final SinkCounters counters = new SinkCounters();
  private final List<SinkWorker> abandoned = new ArrayList<>();
  // Guarded by the pipeline's lock.
  private final SinkQueue queue;
  private boolean open = true;

  private volatile SinkWorker worker;

  /** No more events come; what is queued is still written. */
  private volatile boolean finishing;

  /** The time for that is over. */
  private volatile boolean givenUp;

  SinkLane(EventPipeline pipeline, SinkSpec spec, Origin agent) {
    this.pipeline = pipeline;
    this.spec = spec;
    this.name = spec.name();
    this.policy = spec.policy();
    this.filter = spec.match().isAll() ? null : spec.match().filter();
    this.queue = new SinkQueue(name, agent, policy.memory());
  }

  SinkSpec spec() {
    return spec;
  }

  void start(Sink sink) {
    worker = new SinkWorker(this, sink, newBatch(), 0, 0);
    worker.start();
  }

  private EventBatch newBatch() {
    return new EventBatch(pipeline.runId(), pipeline.formats().renderer(), policy.maxBatch());
  }

  String name() {
    return name;
  }

  SinkPolicy policy() {
    return policy;
  }

  SinkOpener opener() {
    return spec.opener();
  }

  SinkCounters counters() {
    return counters;
  }

  EventPipeline pipeline() {
    return pipeline;
  }

  /** With the pipeline's lock held. */
  void offer(IntegrityEvent event, long sequence) {
    if (filter != null && !filter.passes(event)) {
      return;
    }
    if (open) {
      if (!queue.offer(event, sequence)) {
        counters.lost(1);
      }
    } else if (!finishing) {
      counters.lost(1);
    }
  }

  /** Without the lock. */
  void wake() {
    SinkWorker current = worker;
    if (current != null) {
      current.wake();
    }
  }

  int drain(EventBatch batch, int max) {
    pipeline.lock().lock();
    try {
      return queue.drainTo(batch, max);
    } finally {
      pipeline.lock().unlock();
    }
  }

  boolean isEmpty() {
    pipeline.lock().lock();
    try {
      return queue.size() == 0 && queue.pendingLoss() == 0;
    } finally {
      pipeline.lock().unlock();
    }
  }

  boolean isFinishing() {
    return finishing;
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** With the pipeline's lock held: takes nothing more. */
  void finish() {
    open = false;
    finishing = true;
    SinkWorker current = worker;
    if (current != null) {
      current.wakeAlways();
    }
  }

  /** The sink wrote all that it may. */
  void complete() {
    pipeline.lock().lock();
    try {
      open = false;
      finishing = true;
      queue.clear();
    } finally {
      pipeline.lock().unlock();
    }
    pipeline.listener().limitReached(name);
  }

  /** The sink failed for good with {@code unwritten} events in its worker's hands. */
  void fail(int unwritten, String reason, Throwable cause) {
    long lost;
    pipeline.lock().lock();
    try {
      open = false;
      // What could not be queued is in the counter already.
      lost = (long) unwritten + queue.size();
      counters.lost(lost);
      queue.clear();
    } finally {
      pipeline.lock().unlock();
    }
    pipeline.listener().closed(name, reason, cause);
    pipeline.publishSinkLoss(name, lost, pipeline.now(), reason);
  }

  /** Waits until everything is written, or takes note of what is not. */
  void awaitEnd(long untilNanos) {
    worker.join(untilNanos - System.nanoTime());
    if (!worker.isAlive()) {
      return;
    }
    givenUp = true;
    worker.wakeAlways();
    worker.interruptWrite();
    worker.join(200_000_000L);
    pipeline.lock().lock();
    try {
      counters.lost((long) worker.inFlight() + queue.size());
      queue.clear();
    } finally {
      pipeline.lock().unlock();
    }
  }

  /** Called by the supervisor now and then. */
  void check(long now) {
    SinkWorker current = worker;
    long since = current.writingSince();
    long deadline = policy.writeDeadline().toNanos();
    if (since == 0 || now - since <= deadline || givenUp) {
      return;
    }
    if (!current.wasInterrupted()) {
      if (current.interruptWrite()) {
        pipeline
            .listener()
            .stuck(
                name,
                "does not answer within "
                    + policy.writeDeadline().toMillis()
                    + " ms; interrupted it");
      }
    } else if (now - since > 2 * deadline) {
      replace(current);
    }
  }

  private void replace(SinkWorker stuck) {
    abandoned.removeIf(old -> !old.isAlive());
    if (abandoned.size() >= MAX_ABANDONED || !stuck.abandon()) {
      return;
    }
    abandoned.add(stuck);
    EventBatch batch = newBatch();
    int carried = batch.takeFrom(stuck.batch());
    worker = new SinkWorker(this, null, batch, carried, stuck.totalDone());
    worker.start();
    pipeline.listener().stuck(name, "ignores being interrupted; opened it anew");
  }

  SinkStatus status() {
    return new SinkStatus(name, queue.size(), open, counters);
  }
}

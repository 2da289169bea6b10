package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolRefusedException;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** One sink's way: its queue, its spool if it has one, and the worker that serves it now. */
final class SinkLane {
  /** Stuck threads can't be ended, so only so many are left behind before the host waits. */
  private static final int MAX_ABANDONED = 3;

  private final EventPipeline pipeline;
  private final Origin agent;
  private final String name;
  private final SinkCounters counters = new SinkCounters();
  private final List<SinkWorker> abandoned = new ArrayList<>();
  private final EventSource source;
  // Null if events wait in memory alone.
  private final LaneSpool spool;
  // A sink that is to take the place of the worker's at its next step.
  private final AtomicReference<Sink> newSink = new AtomicReference<>();

  // Guarded by the pipeline's lock.
  private final SinkQueue queue;
  // Null if everything passes.
  private EventMatch.Filter filter;
  private boolean accepting = true;
  private long offered;

  private volatile SinkSpec spec;
  private volatile SinkWorker worker;

  private volatile boolean open = true;

  /** No more events come; what is queued is still written. */
  private volatile boolean finishing;

  /** The time for that is over. */
  private volatile boolean givenUp;

  /**
   * Makes a lane that is not started yet.
   *
   * @throws SpoolRefusedException if its spool must not be used
   */
  SinkLane(EventPipeline pipeline, SinkSpec spec, Origin agent) throws SpoolRefusedException {
    this.pipeline = pipeline;
    this.agent = agent;
    this.spec = spec;
    this.name = spec.name();
    this.filter = filterOf(spec);
    this.queue = new SinkQueue(name, agent, spec.policy().memory());
    if (spec.policy().spool().isPresent()) {
      this.spool = new LaneSpool(this, queue, spec.policy().spool().get());
      this.source = spool.source();
    } else {
      this.spool = null;
      this.source = new MemorySource(this, queue, pipeline.lock());
    }
  }

  private static EventMatch.Filter filterOf(SinkSpec spec) {
    return spec.match().isAll() ? null : spec.match().filter();
  }

  void start(Sink sink) {
    worker = new SinkWorker(this, sink, newBatch(), 0, 0);
    worker.start();
    if (spool != null) {
      spool.start();
    }
  }

  /** Lets go of what a lane that is never started holds. */
  void discard() {
    if (spool != null) {
      spool.discard();
    }
  }

  EventBatch newBatch() {
    return new EventBatch(pipeline.runId(), pipeline.formats().renderer());
  }

  String name() {
    return name;
  }

  Origin agent() {
    return agent;
  }

  SinkSpec spec() {
    return spec;
  }

  SinkPolicy policy() {
    return spec.policy();
  }

  SinkCounters counters() {
    return counters;
  }

  EventPipeline pipeline() {
    return pipeline;
  }

  EventSource source() {
    return source;
  }

  Sink openSink() throws SinkException {
    return spec.opener().open();
  }

  /** With the pipeline's lock held. */
  void offer(IntegrityEvent event, long sequence) {
    if (filter != null && !filter.passes(event)) {
      return;
    }
    if (accepting) {
      offered++;
      if (!queue.offer(event, sequence)) {
        counters.lost(1);
      }
    } else if (!finishing) {
      offered++;
      counters.lost(1);
    }
  }

  /** Without the lock. */
  void wake() {
    if (spool != null) {
      spool.wake();
    } else {
      wakeWorker();
    }
  }

  /**
   * Without the lock: returns once what was offered up to a number would outlive this process, if
   * there is a spool and its disk is quick enough.
   *
   * @return what is left of the time
   */
  long awaitKept(long sequence, long nanos) {
    return spool == null ? nanos : spool.awaitWritten(sequence, nanos);
  }

  /** Has the worker look for events. */
  void wakeWorker() {
    SinkWorker current = worker;
    if (current != null) {
      current.wake();
    }
  }

  /** Whether the sink itself is still written to. */
  boolean isOpen() {
    return open;
  }

  boolean isFinishing() {
    return finishing;
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** Whether what is not written outlives this run. */
  boolean keepsUnwritten() {
    return spool != null && spool.isSound();
  }

  /** With the pipeline's lock held: takes nothing more. */
  void finish() {
    accepting = false;
    open = false;
    finishing = true;
    SinkWorker current = worker;
    if (current != null) {
      current.wakeAlways();
    }
    if (spool != null) {
      spool.finish();
    }
  }

  /** The sink wrote all that it may. */
  void complete() {
    pipeline.lock().lock();
    try {
      finish();
      queue.clear();
    } finally {
      pipeline.lock().unlock();
    }
    pipeline.listener().limitReached(name);
  }

  /** The sink failed for good with {@code unwritten} events in its worker's hands. */
  void fail(int unwritten, String reason, Throwable cause) {
    counters.failed(reason);
    open = false;
    if (spool != null) {
      // The events go on to the spool: they are there for a sink that is configured better.
      pipeline.listener().closed(name, reason, cause);
      return;
    }
    long lost;
    pipeline.lock().lock();
    try {
      accepting = false;
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

  /** Whether this lane can go on as {@code other} demands. */
  boolean canBecome(SinkSpec other) {
    return other
        .policy()
        .spool()
        .map(SpoolPolicy::directory)
        .equals(policy().spool().map(SpoolPolicy::directory));
  }

  /**
   * Goes on with another specification, and with another sink unless that is null. One that had
   * failed for good gets a worker again.
   */
  void become(SinkSpec other, Sink sink) {
    boolean revive;
    pipeline.lock().lock();
    try {
      revive = sink != null && !open && !finishing;
      spec = other;
      filter = filterOf(other);
      queue.setCapacity(other.policy().memory());
      if (revive) {
        accepting = true;
        open = true;
      }
    } finally {
      pipeline.lock().unlock();
    }
    if (spool != null) {
      other.policy().spool().ifPresent(spool::become);
    }
    if (revive) {
      worker = new SinkWorker(this, sink, newBatch(), 0, worker.totalDone());
      worker.start();
    } else if (sink != null) {
      closeQuietly(newSink.getAndSet(sink));
      worker.wakeAlways();
    }
  }

  boolean hasNewSink() {
    return newSink.get() != null;
  }

  /** Null if there is none. */
  Sink takeNewSink() {
    return newSink.get() == null ? null : newSink.getAndSet(null);
  }

  private static void closeQuietly(Sink sink) {
    if (sink != null) {
      sink.close();
    }
  }

  /** Waits until everything is written, or takes note of what is not. */
  void awaitEnd(long untilNanos) {
    SinkWorker last = worker;
    last.join(untilNanos - System.nanoTime());
    if (last.isAlive()) {
      givenUp = true;
      last.wakeAlways();
      last.state().interrupt();
      last.join(200_000_000L);
    }
    closeQuietly(takeNewSink());
    if (spool != null) {
      spool.awaitEnd(untilNanos);
      return;
    }
    pipeline.lock().lock();
    try {
      if (last.isAlive() || !queue.isEmpty()) {
        counters.lost((long) last.inFlight() + queue.size());
        queue.clear();
      }
    } finally {
      pipeline.lock().unlock();
    }
  }

  /** Called by the supervisor now and then. */
  void check(long now) {
    SinkWorker current = worker;
    long since = current.state().since();
    long deadline = policy().writeDeadline().toNanos();
    if (since == 0 || now - since <= deadline || givenUp) {
      return;
    }
    if (!current.state().wasInterrupted()) {
      if (current.state().interrupt()) {
        pipeline
            .listener()
            .stuck(
                name,
                "does not answer within "
                    + policy().writeDeadline().toMillis()
                    + " ms; interrupted it");
      }
    } else if (now - since > 2 * deadline) {
      replace(current);
    }
  }

  private void replace(SinkWorker stuck) {
    abandoned.removeIf(old -> !old.isAlive());
    if (abandoned.size() >= MAX_ABANDONED || !stuck.state().abandon()) {
      return;
    }
    abandoned.add(stuck);
    EventBatch batch = newBatch();
    int carried = batch.takeFrom(stuck.batch());
    worker = new SinkWorker(this, null, batch, carried, stuck.totalDone());
    worker.start();
    pipeline.listener().stuck(name, "ignores being interrupted; opened it anew");
  }

  /** Without the pipeline's lock: a spool's own may be held while the disk is written. */
  SinkStatus status() {
    long queued;
    Instant oldest;
    long taken;
    pipeline.lock().lock();
    try {
      queued = queue.size();
      oldest = queue.oldest();
      taken = offered;
    } finally {
      pipeline.lock().unlock();
    }
    if (spool == null) {
      SinkWorker current = worker;
      long held = current == null ? 0 : current.inFlight();
      return new SinkStatus(
          name,
          taken,
          queued + held,
          open,
          counters,
          Optional.empty(),
          Optional.ofNullable(oldest));
    }
    Optional<Instant> spooled = spool.oldest();
    return new SinkStatus(
        name,
        taken,
        queued + spool.waiting(),
        open,
        counters,
        Optional.of(spool.status()),
        spooled.isPresent() ? spooled : Optional.ofNullable(oldest));
  }
}

package dev.custos.agent.pipeline;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes one sink's events, on a thread of its own, until the lane is finished, the sink fails for
 * good, or a write is stuck and the worker is abandoned. An abandoned worker changes nothing any
 * more: it closes its sink when the write returns, and ends.
 */
final class SinkWorker implements Runnable {
  /** From this rate on, events gather for a moment, so that one wake-up serves many. */
  private static final double FAST_EVENTS_PER_NANO = 20_000 / 1e9;

  private static final int RUNNING = 0;
  private static final int WRITING = 1;
  private static final int INTERRUPTING = 2;
  private static final int ABANDONED = 3;

  private final SinkLane lane;
  private final EventBatch batch;
  private final int carried;
  private final Thread thread;
  private final AtomicBoolean idle = new AtomicBoolean();
  // Decides the race between a write that returns and a supervisor that loses patience.
  private final AtomicInteger state = new AtomicInteger(RUNNING);
  private volatile long writingSince;
  private volatile boolean interrupted;
  private volatile int inFlight;
  private volatile long totalDone;

  // Only this worker's thread touches what follows.
  private Sink sink;
  private long dealtWith;
  private boolean failing;
  private boolean fast;
  private double recentEvents;
  private double recentNanos;
  private long lastTake = System.nanoTime();

  /**
   * Makes a worker that is not started yet.
   *
   * @param sink null to open one with the first write
   * @param carried how many events the batch holds already
   */
  SinkWorker(SinkLane lane, Sink sink, EventBatch batch, int carried, long totalDone) {
    this.lane = lane;
    this.sink = sink;
    this.batch = batch;
    this.carried = carried;
    this.dealtWith = totalDone;
    this.totalDone = totalDone;
    this.thread = new Thread(this, "custos-sink-" + lane.name());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Wakes the worker if it sleeps for want of events. At most one caller does. */
  void wake() {
    if (idle.get() && idle.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  void wakeAlways() {
    idle.set(false);
    LockSupport.unpark(thread);
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  void join(long nanos) {
    try {
      thread.join(Math.max(1, nanos / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** When the running write began, by {@link System#nanoTime}; 0 if none runs. */
  long writingSince() {
    return writingSince;
  }

  boolean wasInterrupted() {
    return interrupted;
  }

  EventBatch batch() {
    return batch;
  }

  /** Events taken from the queue and not dealt with yet. */
  int inFlight() {
    return inFlight;
  }

  long totalDone() {
    return totalDone;
  }

  /** Interrupts the running write, and never anything after it. */
  boolean interruptWrite() {
    if (!state.compareAndSet(WRITING, INTERRUPTING)) {
      return false;
    }
    interrupted = true;
    thread.interrupt();
    state.set(WRITING);
    return true;
  }

  /** From now on what the running write returns no longer counts. */
  boolean abandon() {
    return state.compareAndSet(WRITING, ABANDONED);
  }

  @Override
  public void run() {
    try {
      if (carried > 0 && !deliver(carried)) {
        return;
      }
      for (int n = take(); n > 0; n = take()) {
        if (!deliver(n)) {
          return;
        }
      }
    } finally {
      closeSink();
    }
  }

  /** Waits for events. Returns 0 when there will be none. */
  private int take() {
    SinkPolicy policy = lane.policy();
    int max = batch.capacity();
    if (policy.limit() > 0) {
      max = (int) Math.min(max, policy.limit() - dealtWith);
      if (max <= 0) {
        lane.complete();
        return 0;
      }
    }
    if (fast && !lane.isFinishing()) {
      LockSupport.parkNanos(this, policy.linger().toNanos());
    }
    while (true) {
      // Read before the queue: nothing is queued after it became true.
      boolean last = lane.isFinishing();
      int n = lane.drain(batch, max);
      if (n > 0) {
        observe(n, n == max);
        inFlight = n;
        return n;
      }
      if (last) {
        return 0;
      }
      fast = false;
      idle.set(true);
      if (lane.isEmpty() && !lane.isFinishing()) {
        LockSupport.park(this);
      }
      idle.set(false);
    }
  }

  private void observe(int n, boolean full) {
    long now = System.nanoTime();
    recentEvents = recentEvents * 0.75 + n;
    recentNanos = recentNanos * 0.75 + (now - lastTake);
    lastTake = now;
    fast = !full && recentEvents > FAST_EVENTS_PER_NANO * recentNanos;
  }

  /** Writes the batch. Returns false if this worker is at its end. */
  private boolean deliver(int count) {
    int done = 0;
    Duration pause = lane.policy().retry().initial();
    while (done < count) {
      inFlight = count - done;
      if (lane.isGivenUp()) {
        return false;
      }
      batch.window(done, count);
      WriteResult result = null;
      Throwable failure = null;
      beginWrite();
      try {
        if (sink == null) {
          sink = lane.opener().open();
        }
        result = sink.write(batch);
      } catch (SinkException | RuntimeException | Error e) {
        failure = e;
      }
      if (!endWrite()) {
        return false;
      }
      if (result == null) {
        if (isPermanent(failure)) {
          lane.fail(count - done, describe(failure), failure);
          inFlight = 0;
          return false;
        }
        failed(count - done, describe(failure), pause);
        pause(pause);
        pause = longer(pause);
        continue;
      }
      int accepted = Math.min(result.done(), count - done);
      account(result, accepted);
      done += accepted;
      Optional<Duration> retryAfter = result.retryAfter();
      if (done < count && accepted == 0) {
        Duration wait = retryAfter.orElse(pause);
        failed(count - done, "took none of " + (count - done) + " events", wait);
        pause(wait);
        pause = longer(pause);
      } else {
        recovered();
        lane.counters().retried(count - done);
        retryAfter.ifPresent(this::pause);
        pause = lane.policy().retry().initial();
      }
    }
    batch.release(count);
    inFlight = 0;
    return true;
  }

  private void beginWrite() {
    interrupted = false;
    writingSince = System.nanoTime();
    state.set(WRITING);
  }

  /** Returns false if the worker was abandoned meanwhile. */
  private boolean endWrite() {
    while (!state.compareAndSet(WRITING, RUNNING)) {
      if (state.get() == ABANDONED) {
        return false;
      }
      // The supervisor is between its decision to interrupt and the interrupt itself.
      Thread.onSpinWait();
    }
    writingSince = 0;
    if (interrupted) {
      // Whatever became of it, the interrupt was meant for that write alone.
      Thread.interrupted();
    }
    return true;
  }

  private void account(WriteResult result, int accepted) {
    int refused = result.rejected().size();
    SinkCounters counters = lane.counters();
    counters.written(accepted - Math.min(refused, accepted));
    dealtWith += accepted;
    totalDone = dealtWith;
    if (refused == 0) {
      return;
    }
    counters.rejected(refused);
    String reason = result.rejected().get(0).reason();
    lane.pipeline().listener().rejected(lane.name(), refused, reason);
    long tellable = 0;
    Instant from = null;
    for (WriteResult.Rejection rejection : result.rejected()) {
      int index = rejection.index();
      if (index < 0 || index >= batch.size()) {
        continue;
      }
      IntegrityEvent event = batch.get(index).event();
      // A refused report of refused events must not make another one, and so on for ever.
      if (!(event instanceof EventsLost lost && lost.reason() == LossReason.SINK_FAILED)) {
        tellable++;
        from = from == null ? event.time() : from;
      }
    }
    if (tellable > 0) {
      lane.pipeline().publishSinkLoss(lane.name(), tellable, from, "rejected: " + reason);
    }
  }

  private void failed(int events, String reason, Duration pause) {
    failing = true;
    lane.counters().retried(events);
    lane.pipeline().listener().failing(lane.name(), reason, pause);
  }

  private void recovered() {
    if (failing) {
      failing = false;
      lane.pipeline().listener().recovered(lane.name());
    }
  }

  private Duration longer(Duration pause) {
    RetryPolicy retry = lane.policy().retry();
    double nanos = pause.toNanos() * retry.multiplier();
    return nanos >= retry.max().toNanos() ? retry.max() : Duration.ofNanos((long) nanos);
  }

  /** Sleeps; when the agent stops, only as long as a last few tries may need. */
  private void pause(Duration pause) {
    long until = System.nanoTime() + pause.toNanos();
    long left = pause.toNanos();
    while (left > 0 && !lane.isGivenUp()) {
      if (lane.isFinishing()) {
        LockSupport.parkNanos(this, Math.min(left, 100_000_000L));
        return;
      }
      LockSupport.parkNanos(this, left);
      left = until - System.nanoTime();
    }
  }

  private void closeSink() {
    if (sink == null) {
      return;
    }
    try {
      sink.close();
    } catch (RuntimeException e) {
      lane.pipeline().listener().stuck(lane.name(), "could not be closed: " + describe(e));
    }
  }

  private static boolean isPermanent(Throwable failure) {
    return (failure instanceof SinkException e && e.isPermanent())
        || failure instanceof LinkageError;
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof SinkException && message != null
        ? message
        : failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}

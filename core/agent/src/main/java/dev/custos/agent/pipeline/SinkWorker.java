package dev.custos.agent.pipeline;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes one sink's events, on a thread of its own, until the lane is finished, the sink fails for
 * good, or a write is stuck and the worker is abandoned. An abandoned worker changes nothing any
 * more: it closes its sink when the write returns, and ends.
 */
final class SinkWorker implements Runnable {
  private final SinkLane lane;
  private final EventSource source;
  private final EventBatch batch;
  private final int carried;
  private final Thread thread;
  private final Sleeper sleeper;
  private final WriteState state;
  private volatile int inFlight;
  private volatile long totalDone;

  // Only this worker's thread touches what follows.
  private final Pace pace = new Pace();
  private final RetryPause retry = new RetryPause();
  private Sink sink;
  private long dealtWith;
  private boolean failing;

  /** What is to follow a try. */
  private enum Next {
    GO_ON,
    /** The batch is given up. */
    SKIP,
    /** The worker is at its end. */
    END
  }

  /**
   * Makes a worker that is not started yet.
   *
   * @param sink null to open one with the first write
   * @param carried how many events the batch holds already
   */
  SinkWorker(SinkLane lane, Sink sink, EventBatch batch, int carried, long totalDone) {
    this.lane = lane;
    this.source = lane.source();
    this.sink = sink;
    this.batch = batch;
    this.carried = carried;
    this.dealtWith = totalDone;
    this.totalDone = totalDone;
    this.thread = new Thread(this, "custos-sink-" + lane.name());
    this.state = new WriteState(thread);
    this.sleeper = new Sleeper(thread);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Wakes the worker if it sleeps for want of events. At most one caller does. */
  void wake() {
    sleeper.wake();
  }

  void wakeAlways() {
    sleeper.wakeAlways();
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

  WriteState state() {
    return state;
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
    if (most() <= 0) {
      lane.complete();
      return 0;
    }
    if (pace.isFast() && !lane.isFinishing()) {
      LockSupport.parkNanos(this, lane.policy().linger().toNanos());
    }
    while (!lane.isGivenUp()) {
      int max = most();
      // Read before the queue: nothing is queued after it became true.
      boolean last = source.isEnded();
      int n = source.drain(batch, max);
      if (n > 0) {
        pace.observe(n, n == max);
        inFlight = n;
        return n;
      }
      if (last) {
        return 0;
      }
      pace.idle();
      adoptSink();
      sleeper.sleepIf(this::hasNothing, Sleeper.FOREVER);
    }
    return 0;
  }

  private boolean hasNothing() {
    return source.isEmpty() && !source.isEnded() && !lane.isGivenUp();
  }

  /** How many events the next batch may hold; 0 or less once the limit is reached. */
  private int most() {
    SinkPolicy policy = lane.policy();
    return policy.limit() == 0
        ? policy.maxBatch()
        : (int) Math.min(policy.maxBatch(), policy.limit() - dealtWith);
  }

  /** Writes the batch. Returns false if this worker is at its end. */
  private boolean deliver(int count) {
    int done = 0;
    retry.reset();
    while (done < count) {
      inFlight = count - done;
      if (lane.isGivenUp()) {
        return false;
      }
      batch.window(done, count);
      WriteResult result = null;
      Throwable failure = null;
      state.begin();
      try {
        if (!adoptSink() && sink == null) {
          sink = lane.openSink();
        }
        result = sink.write(batch);
      } catch (SinkException | RuntimeException | Error e) {
        failure = e;
      }
      long since = state.since();
      if (!state.end()) {
        return false;
      }
      lane.counters().wrote(System.nanoTime() - since);
      Next next;
      if (result == null) {
        next = afterFailure(count - done, failure);
      } else {
        int accepted = Math.min(result.done(), count - done);
        account(result, done, accepted, count);
        done += accepted;
        next = done == count || accepted > 0 ? afterProgress(result, count - done) : none(result);
      }
      if (next == Next.END) {
        return false;
      }
      if (next == Next.SKIP) {
        giveUp(done, count);
        done = count;
      }
    }
    batch.release(count);
    inFlight = 0;
    return true;
  }

  private Next afterFailure(int left, Throwable failure) {
    String reason = describe(failure);
    if (isPermanent(failure)) {
      lane.fail(left, reason, failure);
      inFlight = 0;
      return Next.END;
    }
    return tryAgain(left, reason, retry.next(lane.policy().retry()));
  }

  /** The sink took none of what it was offered. */
  private Next none(WriteResult result) {
    RetryPolicy policy = lane.policy().retry();
    Duration pause = retry.next(policy);
    Duration wait = result.retryAfter().map(d -> RetryPause.asked(d, policy)).orElse(pause);
    return tryAgain(inFlight, "took none of " + inFlight + " events", wait);
  }

  private Next tryAgain(int left, String reason, Duration wait) {
    failing = true;
    lane.counters().retried(left);
    lane.counters().failed(reason);
    lane.counters().failing(true);
    if (lane.isFinishing() && lane.keepsUnwritten()) {
      // What is left is safe, and the next run has more patience than a stop may have.
      return Next.END;
    }
    if (retry.isOver(lane.policy().retry())) {
      return Next.SKIP;
    }
    lane.pipeline().listener().failing(lane.name(), reason, wait);
    pause(wait);
    return Next.GO_ON;
  }

  private Next afterProgress(WriteResult result, int left) {
    if (failing) {
      failing = false;
      lane.counters().failing(false);
      lane.pipeline().listener().recovered(lane.name());
    }
    lane.counters().retried(left);
    retry.reset();
    RetryPolicy policy = lane.policy().retry();
    result.retryAfter().ifPresent(asked -> pause(RetryPause.asked(asked, policy)));
    return Next.GO_ON;
  }

  private void account(WriteResult result, int from, int accepted, int count) {
    int refused = Math.min(result.rejected().size(), accepted);
    lane.counters().written(accepted - refused);
    dealtWith += accepted;
    totalDone = dealtWith;
    if (!result.rejected().isEmpty()) {
      Losses.tellRejected(lane, batch, result.rejected());
    }
    if (accepted > 0) {
      source.done(batch, from, from + accepted, from + accepted == count);
    }
  }

  private void giveUp(int from, int to) {
    Losses.tellGivenUp(lane, batch, from, to);
    source.done(batch, from, to, true);
    retry.reset();
  }

  /** Sleeps; when the agent stops, only as long as a last few tries may need. */
  private void pause(Duration pause) {
    long until = System.nanoTime() + pause.toNanos();
    long left = pause.toNanos();
    while (left > 0 && !lane.isGivenUp() && !lane.hasNewSink()) {
      if (lane.isFinishing()) {
        LockSupport.parkNanos(this, Math.min(left, 100_000_000L));
        return;
      }
      LockSupport.parkNanos(this, left);
      left = until - System.nanoTime();
    }
  }

  /** Puts a reconfigured sink in the place of the one before. Returns whether there was one. */
  private boolean adoptSink() {
    Sink fresh = lane.takeNewSink();
    if (fresh == null) {
      return false;
    }
    closeSink();
    sink = fresh;
    retry.reset();
    return true;
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

package dev.custos.agent.pipeline;

import dev.custos.agent.spool.RecordChunk;
import dev.custos.agent.spool.SpoolLog;
import dev.custos.agent.spool.SpoolRefusedException;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes ahead what is queued for a sink, at once: those who publish wait for it. They don't write
 * themselves, because write(2) on a disk that stalls does not return, and can't be interrupted.
 */
final class SpoolWriter implements Runnable {
  private static final int MAX_BATCH = 4096;
  private static final long FIRST_RETRY_NANOS = Duration.ofMillis(250).toNanos();
  private static final long LAST_RETRY_NANOS = Duration.ofSeconds(15).toNanos();
  private static final long SHORTEST_IDLE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_IDLE_NANOS = Duration.ofMinutes(10).toNanos();

  private final SinkLane lane;
  private final LaneSpool spool;
  private final SpoolSyncer syncer;
  private final Thread thread;
  private final Sleeper sleeper;
  private volatile boolean done;

  // Only this thread touches what follows.
  private final EventBatch batch;
  private final RecordChunk chunk = new RecordChunk();
  private long retryNanos;

  SpoolWriter(SinkLane lane, LaneSpool spool, SpoolSyncer syncer) {
    this.lane = lane;
    this.spool = spool;
    this.syncer = syncer;
    this.batch = lane.newBatch();
    this.thread = new Thread(this, "custos-spool-" + lane.name());
    thread.setDaemon(true);
    this.sleeper = new Sleeper(thread);
  }

  void start() {
    thread.start();
  }

  void wake() {
    sleeper.wake();
  }

  void wakeAlways() {
    sleeper.wakeAlways();
  }

  boolean isDone() {
    return done;
  }

  void join(long untilNanos) {
    Threads.join(thread, untilNanos);
  }

  @Override
  public void run() {
    try {
      boolean last = false;
      while (!last) {
        // Read before the queue: nothing is queued after it became true.
        last = lane.isFinishing();
        int n = spool.takeForWriting(batch, MAX_BATCH);
        if (n > 0) {
          // The first failure while stopping is the last: what is left the worker takes over.
          last &= !write(n);
        } else if (!last) {
          await();
        }
      }
    } finally {
      done = true;
      syncer.finish();
    }
  }

  private void await() {
    expire();
    long age = spool.policy().maxAge().toNanos() / 16;
    sleeper.sleepIf(
        () -> spool.isQueueEmpty() && !lane.isFinishing(),
        Math.max(SHORTEST_IDLE_NANOS, Math.min(LONGEST_IDLE_NANOS, age)));
  }

  private void expire() {
    SpoolLog log = spool.log();
    if (log == null) {
      return;
    }
    try {
      log.expire();
    } catch (IOException | RuntimeException e) {
      spool.tell(e);
    }
  }

  /** Writes the batch, or puts back what can't be written, and waits. Returns whether it worked. */
  private boolean write(int count) {
    int written = 0;
    try {
      spool.openLog();
      chunk.clear();
      boolean each = spool.policy().fsync() == SpoolPolicy.Fsync.ALWAYS;
      for (int i = 0; i < count; i++) {
        encode(i);
        if (each || chunk.isFull() || i == count - 1) {
          spool.log().append(chunk);
          chunk.clear();
          written = i + 1;
          if (each) {
            spool.log().sync();
          }
        }
      }
    } catch (IOException | SpoolRefusedException | RuntimeException e) {
      // Whatever it was: without this thread nothing would be kept any more, nor its loss told.
      spool.fail(e);
      spool.doneWriting(batch, written, count);
      lane.wakeWorker();
      awaitRetry();
      return false;
    }
    spool.recover();
    retryNanos = 0;
    spool.doneWriting(batch, count, count);
    if (spool.policy().fsync() == SpoolPolicy.Fsync.BATCH) {
      syncer.wake();
    } else {
      lane.wakeWorker();
    }
    return true;
  }

  private void encode(int index) {
    IntegrityEvent event = batch.event(index);
    long sequence = batch.sequence(index);
    boolean gap = EventBatch.isQueueGap(event);
    if (!chunk.add(event, sequence, gap, batch.line(index))) {
      EventsLost lost = Losses.tooLong(lane.name(), lane.agent(), event);
      lane.counters().lost(1);
      batch.set(index, lost, sequence);
      chunk.add(lost, sequence, true, batch.line(index));
    }
  }

  /** Leaves a disk that refuses alone for a while. */
  private void awaitRetry() {
    retryNanos = retryNanos == 0 ? FIRST_RETRY_NANOS : Math.min(LAST_RETRY_NANOS, retryNanos * 2);
    long until = System.nanoTime() + retryNanos;
    long left = retryNanos;
    while (left > 0 && !lane.isFinishing()) {
      LockSupport.parkNanos(this, left);
      left = until - System.nanoTime();
    }
  }
}

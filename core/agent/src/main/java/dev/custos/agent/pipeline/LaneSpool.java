package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolLog;
import dev.custos.agent.spool.SpoolLoss;
import dev.custos.agent.spool.SpoolRefusedException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lane's spool and the threads that fill it: one writes ahead what is queued, another one has it
 * reach the disk. While the disk refuses, events stay in the lane's queue, and the worker takes
 * them from there once it has sent all that is in the spool.
 */
final class LaneSpool {
  /** How much longer than a stop may take its disk gets; a disk that hangs is not waited for. */
  private static final long GRACE_NANOS = 1_000_000_000L;

  private static final long STEP_NANOS = 10_000_000L;

  private final SinkLane lane;
  private final SinkQueue queue;
  private volatile SpoolPolicy policy;
  private final ReentrantLock lock;
  private final Condition written;
  private final SpoolSource source;
  private final SpoolWriter writer;
  private final SpoolSyncer syncer;
  // Null until the disk lets it be opened.
  private volatile SpoolLog log;

  // Written with the pipeline's lock held.
  private volatile boolean failing;
  // The disk took too long: nobody waits for it until it has all that is queued.
  private volatile boolean lagging;
  // The number of the first event in the writer's hands; 0 if it has none.
  private long firstHeld;

  LaneSpool(SinkLane lane, SinkQueue queue, SpoolPolicy policy) throws SpoolRefusedException {
    this.lane = lane;
    this.queue = queue;
    this.policy = policy;
    this.lock = lane.pipeline().lock();
    this.written = lock.newCondition();
    try {
      openLog();
    } catch (IOException e) {
      fail(e);
    }
    this.source = new SpoolSource(lane, this);
    this.syncer = new SpoolSyncer(lane, this);
    this.writer = new SpoolWriter(lane, this, syncer);
  }

  /** Opens the log, if it is not open yet. */
  void openLog() throws IOException, SpoolRefusedException {
    if (log == null) {
      EventPipeline pipeline = lane.pipeline();
      log = SpoolLog.open(settings(policy), pipeline.disk(), pipeline.runId(), pipeline.clock());
    }
  }

  private static SpoolLog.Settings settings(SpoolPolicy policy) {
    boolean sync = policy.fsync() != SpoolPolicy.Fsync.NONE;
    return new SpoolLog.Settings(policy.directory(), sync, policy.maxBytes(), policy.maxAge());
  }

  /** Goes on with other bounds or another mode, in the same directory. */
  void become(SpoolPolicy changed) {
    policy = changed;
    SpoolLog current = log;
    if (current != null) {
      current.adjust(settings(changed));
    }
    writer.wakeAlways();
    syncer.wake();
    lane.wakeWorker();
  }

  void start() {
    syncer.start();
    writer.start();
  }

  void discard() {
    SpoolLog opened = log;
    if (opened != null) {
      try {
        opened.close();
      } catch (IOException e) {
        fail(e);
      }
    }
  }

  SpoolPolicy policy() {
    return policy;
  }

  SpoolSource source() {
    return source;
  }

  /** Null until the disk lets it be opened. */
  SpoolLog log() {
    return log;
  }

  void wake() {
    writer.wake();
  }

  /**
   * Returns once everything up to a number is in the spool's files, where it outlives this process.
   * A disk that can't take it in that time is not waited for again before it has caught up: it
   * holds up a publisher once, and for no longer than that.
   *
   * @return what is left of the time
   */
  long awaitWritten(long sequence, long nanos) {
    long left = nanos;
    if (lagging || failing) {
      return left;
    }
    lock.lock();
    try {
      while (!lagging && !failing && isUnwritten(sequence)) {
        if (left <= 0) {
          lagging = true;
        } else {
          // Time in which the whole process was stopped, or got no CPU, is not the disk's: it
          // passes in one step.
          long step = Math.min(left, STEP_NANOS);
          left -= step - Math.max(0, written.awaitNanos(step));
        }
      }
    } catch (InterruptedException e) {
      // Not ours: whoever publishes looks at it.
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return left;
  }

  /** With the lock held. */
  private boolean isUnwritten(long sequence) {
    long queued = queue.firstSequence();
    return (firstHeld != 0 && firstHeld <= sequence) || (queued != 0 && queued <= sequence);
  }

  void finish() {
    writer.wakeAlways();
  }

  /** Whether what is read from the spool stays there until it is sent. */
  boolean isSound() {
    return log != null && !failing;
  }

  boolean isFailing() {
    return failing;
  }

  /** Events wait in memory from now on. Tells of it once. */
  void fail(Exception cause) {
    String reason = describe(cause);
    boolean first;
    lock.lock();
    try {
      first = !failing;
      failing = true;
      queue.setSpoolTrouble("; its spool can't be written: " + reason);
      written.signalAll();
    } finally {
      lock.unlock();
    }
    lane.counters().failed("spool: " + reason);
    if (first) {
      lane.pipeline().listener().spoolFailing(lane.name(), reason);
    }
  }

  /** The disk takes events again. */
  void recover() {
    if (!failing) {
      return;
    }
    lock.lock();
    try {
      failing = false;
      queue.setSpoolTrouble("");
    } finally {
      lock.unlock();
    }
    lane.pipeline().listener().spoolRecovered(lane.name());
  }

  /** A fault that loses nothing by itself. */
  void tell(Exception cause) {
    String reason = describe(cause);
    lane.counters().failed("spool: " + reason);
    lane.pipeline().listener().spoolFailing(lane.name(), reason);
  }

  private static String describe(Exception cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** Moves queued events to the writer's hands: nobody overtakes them there. */
  int takeForWriting(EventBatch batch, int max) {
    lock.lock();
    try {
      int n = queue.drainTo(batch, max);
      firstHeld = n > 0 ? batch.sequence(0) : 0;
      return n;
    } finally {
      lock.unlock();
    }
  }

  /** The writer has nothing in its hands any more: what it could not write it puts back. */
  void doneWriting(EventBatch batch, int done, int count) {
    lock.lock();
    try {
      queue.putBack(batch, done, count);
      firstHeld = 0;
      lagging &= !queue.isEmpty();
      written.signalAll();
    } finally {
      lock.unlock();
    }
    batch.release(count);
  }

  boolean isQueueEmpty() {
    lock.lock();
    try {
      return queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves queued events past a spool that can't be written. Returns 0 unless all that came before
   * them was read.
   *
   * @param appends what the log's counter stood at before it was found empty
   */
  int takePast(EventBatch batch, int max, long appends) {
    lock.lock();
    try {
      return mayPass(appends) ? queue.drainTo(batch, max) : 0;
    } finally {
      lock.unlock();
    }
  }

  boolean isPassable(long appends) {
    lock.lock();
    try {
      return mayPass(appends) && !queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private boolean mayPass(long appends) {
    return failing && firstHeld == 0 && appends() == appends;
  }

  long appends() {
    SpoolLog current = log;
    return current == null ? 0 : current.appends();
  }

  /** Whether all that will ever be in the spool can be read. */
  boolean isComplete() {
    return writer.isDone() && syncer.isDone();
  }

  /** Waits for the disk, and closes the spool so that the next run finds all that is left. */
  void awaitEnd(long untilNanos) {
    long until = Math.max(untilNanos, System.nanoTime()) + GRACE_NANOS;
    writer.join(until);
    syncer.join(until);
    if (!isComplete()) {
      lane.counters().lost(queued());
      fail(new IOException("the disk does not answer"));
      return;
    }
    SpoolLog current = log;
    try {
      keepUnwritten();
      if (current != null) {
        current.close();
      }
    } catch (IOException e) {
      fail(e);
      abandon(current);
    }
  }

  /** To the next run this one looks killed, and so it tells of a loss. */
  private void abandon(SpoolLog current) {
    try {
      if (current != null) {
        current.abandon();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  /** Has the next run tell what the disk never took, and nobody got. */
  private void keepUnwritten() throws IOException {
    long left = queued() + source.inFlightPast();
    lane.counters().lost(left);
    SpoolLoss loss;
    lock.lock();
    try {
      left += queue.pendingLoss();
      loss = unwritten(left);
    } finally {
      lock.unlock();
    }
    if (left > 0 && log != null) {
      log.recordLoss(loss);
    }
  }

  private long queued() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** With the pipeline's lock held, when no events come any more. */
  private SpoolLoss unwritten(long count) {
    Instant now = lane.pipeline().now();
    long first = queue.firstSequence();
    return new SpoolLoss(
        SpoolLoss.Cause.UNWRITTEN,
        lane.pipeline().runId(),
        first,
        first + count - 1,
        OptionalLong.of(count),
        queue.oldest() == null ? now : queue.oldest(),
        queue.newest() == null ? now : queue.newest());
  }

  Optional<Instant> oldest() {
    SpoolLog current = log;
    return current == null ? Optional.empty() : current.oldest();
  }

  long waiting() {
    SpoolLog current = log;
    return current == null ? 0 : current.waiting();
  }

  SinkStatus.Spool status() {
    SpoolLog current = log;
    return new SinkStatus.Spool(current == null ? 0 : current.bytes(), failing);
  }
}

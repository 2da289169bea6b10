package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolLog;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/**
 * Has a spool reach the disk, over and over while something was written: all that came during one
 * fsync(2) is in the next. A thread of its own, so that a slow disk keeps neither the writer nor
 * the worker from their work.
 */
final class SpoolSyncer implements Runnable {
  /** After a failure the disk is left alone for so long. */
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final SinkLane lane;
  private final LaneSpool spool;
  private final Thread thread;
  private final Sleeper sleeper;
  private volatile boolean last;
  private volatile boolean done;

  SpoolSyncer(SinkLane lane, LaneSpool spool) {
    this.lane = lane;
    this.spool = spool;
    this.thread = new Thread(this, "custos-sync-" + lane.name());
    thread.setDaemon(true);
    this.sleeper = new Sleeper(thread);
  }

  void start() {
    thread.start();
  }

  /** Something was written. */
  void wake() {
    sleeper.wake();
  }

  /** Nothing will be written any more. */
  void finish() {
    last = true;
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
      while (!isOver()) {
        sync();
      }
    } finally {
      done = true;
      lane.wakeWorker();
    }
  }

  /** Waits for something to do. Returns whether there is nothing and will be nothing. */
  private boolean isOver() {
    while (true) {
      // Read before the log: nothing is written after it became true.
      boolean ending = last;
      SpoolLog log = spool.log();
      if (isNeeded(log)) {
        return false;
      }
      if (ending) {
        return true;
      }
      sleeper.sleepIf(() -> !last && !isNeeded(spool.log()), Sleeper.FOREVER);
    }
  }

  private boolean isNeeded(SpoolLog log) {
    return log != null && spool.policy().fsync() == SpoolPolicy.Fsync.BATCH && log.isDirty();
  }

  private void sync() {
    try {
      spool.log().sync();
      lane.wakeWorker();
    } catch (IOException e) {
      // What was written can be sent all the same.
      spool.tell(e);
      lane.wakeWorker();
      if (!last) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
  }
}

package dev.custos.agent.pipeline;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Looks for writes past their deadline, a few times per deadline. */
final class WriteSupervisor implements Runnable {
  private static final long LONGEST_NANOS = 1_000_000_000L;
  private static final long SHORTEST_NANOS = 5_000_000L;

  private final List<SinkLane> lanes = new CopyOnWriteArrayList<>();
  private Thread thread;
  private volatile long intervalNanos = LONGEST_NANOS;
  private volatile boolean closed;

  /** Looks after a lane from now on, or after its changed policy. */
  synchronized void watch(SinkLane lane) {
    if (!lanes.contains(lane)) {
      lanes.add(lane);
    }
    long quarter = lane.policy().writeDeadline().toNanos() / 4;
    intervalNanos = Math.max(SHORTEST_NANOS, Math.min(intervalNanos, quarter));
    if (thread == null) {
      thread = new Thread(this, "custos-sink-supervisor");
      thread.setDaemon(true);
      thread.start();
    } else {
      LockSupport.unpark(thread);
    }
  }

  void forget(SinkLane lane) {
    lanes.remove(lane);
  }

  @Override
  public void run() {
    while (!closed) {
      LockSupport.parkNanos(this, intervalNanos);
      long now = System.nanoTime();
      for (SinkLane lane : lanes) {
        lane.check(now);
      }
    }
  }

  synchronized void close() {
    closed = true;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}

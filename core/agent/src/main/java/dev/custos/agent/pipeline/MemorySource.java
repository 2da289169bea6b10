package dev.custos.agent.pipeline;

import java.util.concurrent.locks.ReentrantLock;

/** A queue in memory, and nothing more. */
final class MemorySource implements EventSource {
  private final SinkLane lane;
  private final SinkQueue queue;
  private final ReentrantLock lock;

  MemorySource(SinkLane lane, SinkQueue queue, ReentrantLock lock) {
    this.lane = lane;
    this.queue = queue;
    this.lock = lock;
  }

  @Override
  public int drain(EventBatch batch, int max) {
    lock.lock();
    try {
      return queue.drainTo(batch, max);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isEmpty() {
    lock.lock();
    try {
      return queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isEnded() {
    return lane.isFinishing();
  }

  @Override
  public void done(EventBatch batch, int from, int to, boolean all) {
    // What has left the queue is nowhere else.
  }
}

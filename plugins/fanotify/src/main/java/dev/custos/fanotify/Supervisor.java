package dev.custos.fanotify;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at every reader a few times a second, on a thread of its own that waits for nobody: it
 * touches no file that can be guarded, and tells the host nothing by itself.
 */
final class Supervisor implements AutoCloseable {
  private static final long TURN_NANOS = GroupReaders.STALL_NANOS / 2;

  private final DescriptorReserve reserve;
  private final Set<GroupReaders> supervised = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  Supervisor(ThreadFactory threads, DescriptorReserve reserve) {
    this.reserve = reserve;
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  void add(GroupReaders readers) {
    supervised.add(readers);
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      if (supervised.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      LockSupport.parkNanos(this, TURN_NANOS);
      reserve.refill();
      long now = System.nanoTime();
      for (GroupReaders readers : supervised) {
        readers.supervise(now);
      }
      supervised.removeIf(readers -> !readers.isAlive());
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

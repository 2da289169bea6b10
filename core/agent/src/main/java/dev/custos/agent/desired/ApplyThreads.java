package dev.custos.agent.desired;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that all targets of a backend share. A few work at once: a node has hundreds of
 * containers, and a thread for each would cost memory and make none of them faster. Whoever takes
 * long is no longer counted, because a file system that does not answer must hold up nobody else.
 *
 * <p>Daemon threads, which end when there is nothing to do. Thread-safe.
 */
final class ApplyThreads {
  static final int AT_ONCE = 4;
  private static final long LONG_MILLIS = 50;

  private static final class Running {
    private final long begin = System.nanoTime();
    private boolean isLong;
  }

  private final ThreadPoolExecutor threads;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final Set<Running> running = new HashSet<>();
  private int counted;
  private boolean watching;

  ApplyThreads(String backend) {
    threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            5,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "custos-" + backend + "-apply");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Runs a task soon: at once, or after others, but not after any that takes long. */
  synchronized void execute(Runnable task) {
    waiting.add(task);
    startSome();
    if (!waiting.isEmpty() && !watching) {
      watching = true;
      threads.execute(this::watch);
    }
  }

  /** With the monitor held. */
  private void startSome() {
    while (counted < AT_ONCE && !waiting.isEmpty()) {
      Runnable task = waiting.remove();
      Running one = new Running();
      running.add(one);
      counted++;
      threads.execute(
          () -> {
            try {
              task.run();
            } finally {
              ended(one);
            }
          });
    }
  }

  private synchronized void ended(Running one) {
    running.remove(one);
    if (!one.isLong) {
      counted--;
    }
    startSome();
    if (waiting.isEmpty()) {
      notifyAll();
    }
  }

  /** Is there only as long as somebody waits. */
  private synchronized void watch() {
    try {
      while (!waiting.isEmpty()) {
        wait(LONG_MILLIS);
        long now = System.nanoTime();
        for (Running one : running) {
          if (!one.isLong && now - one.begin > TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS)) {
            one.isLong = true;
            counted--;
          }
        }
        startSome();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watching = false;
    }
  }
}

package dev.custos.agent.desired;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Threads that open and close backends. They run a plugin's code, so they have to be over before
 * the plugin's class loader is closed: what they need of it after that can't be loaded.
 * Thread-safe.
 */
final class BackendThreads {
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();

  /** Starts a task on a thread of its own. */
  void start(Runnable task, String name) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } finally {
                running.remove(Thread.currentThread());
              }
            },
            name);
    thread.setDaemon(true);
    running.add(thread);
    thread.start();
  }

  /** Waits for all of them, but no longer than that: a backend may hang. */
  void awaitEnd(Duration most) {
    long deadline = System.nanoTime() + most.toNanos();
    try {
      for (Thread thread : List.copyOf(running)) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left > 0) {
          thread.join(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

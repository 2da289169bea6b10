package dev.custos.agent.desired;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** Runs what is to be done for one target, one after the other, on threads that others share. */
final class SerialTasks {
  private final ApplyThreads threads;
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Where they run; null if none does. */
  private Thread thread;

  private boolean scheduled;
  private boolean ended;

  SerialTasks(ApplyThreads threads) {
    this.threads = threads;
  }

  /** Runs a task after those before it. Does nothing after an end. */
  synchronized void execute(Runnable task) {
    if (ended) {
      return;
    }
    tasks.add(task);
    if (!scheduled) {
      scheduled = true;
      threads.execute(this::runAll);
    }
  }

  private void runAll() {
    Runnable task = begin();
    while (task != null) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // As of a thread that ends; those that follow are not to suffer from it.
        Thread here = Thread.currentThread();
        here.getUncaughtExceptionHandler().uncaughtException(here, e);
      }
      task = next();
    }
  }

  private synchronized Runnable begin() {
    thread = Thread.currentThread();
    return next();
  }

  private synchronized Runnable next() {
    Runnable task = tasks.poll();
    if (task == null) {
      thread = null;
      scheduled = false;
      // It was meant for what ran here, and the thread goes on to others.
      boolean unused = Thread.interrupted();
      notifyAll();
    }
    return task;
  }

  /** Takes no more tasks; those before are still run. */
  synchronized void end() {
    ended = true;
  }

  /** Takes no more tasks, forgets those that have not begun, and interrupts the one that has. */
  synchronized void endNow() {
    ended = true;
    tasks.clear();
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Waits until nothing runs any more, for a while. */
  synchronized void awaitEnd(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    long left = nanos;
    while (scheduled && left > 0) {
      wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      left = until - System.nanoTime();
    }
  }
}

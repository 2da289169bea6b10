package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a backend's instances. One that has something to do has a thread to itself, so
 * that a file system that does not answer holds up nobody else; where there are many, those that
 * are quiet share one thread that waits for them all. A node has hundreds of containers, and in
 * most of them nothing happens for most of the time.
 *
 * <p>Thread-safe. An instance is served by one thread at a time, and what one thread wrote the next
 * one sees.
 */
final class Crew {
  private static final Logger log = LoggerFactory.getLogger(Crew.class);

  private static final long SPARE_THREAD_SECONDS = 1;
  private static final int SPARE_TOOLS = 4;
  private static final long NO_THREAD_NANOS = 1_000_000_000L;

  /**
   * What a quiet instance waits for.
   *
   * @param descriptors the first has events to read, the others are tables of mounts that change
   * @param until in the terms of {@link System#nanoTime}, if {@code endless} is not set
   */
  private record Wait(List<Integer> descriptors, long until, boolean endless) {
    boolean isOver(long now) {
      return !endless && now - until >= 0;
    }
  }

  private final ThreadPoolExecutor threads;
  private final int few;
  private final int quietMillis;
  private final Poller poller;
  private final Map<Instance, Wait> quiet = new LinkedHashMap<>();
  private final Deque<Tools> tools = new ArrayDeque<>();
  private final List<Thread> started = new ArrayList<>();
  private int members;
  private boolean waiting;
  private boolean closed;

  /**
   * Has no thread yet.
   *
   * @param few so many instances keep a thread each, because one that is there already is faster
   * @param quietMillis how long nothing has to happen before an instance gives up its thread
   */
  Crew(ThreadFactory factory, int few, int quietMillis) throws NativeException {
    this.few = few;
    this.quietMillis = quietMillis;
    this.poller = new Poller();
    this.threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            SPARE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> start(factory, task));
  }

  private synchronized Thread start(ThreadFactory factory, Runnable task) {
    Thread thread = factory.newThread(task);
    started.removeIf(one -> one.getState() == Thread.State.TERMINATED);
    started.add(thread);
    return thread;
  }

  /** Serves an instance from now on. */
  synchronized void join(Instance instance) {
    threads.execute(instance::serve);
    members++;
  }

  /** An instance has ended. */
  synchronized void leave() {
    members--;
  }

  /** How long events must not come before an instance may be quiet; -1 if it keeps its thread. */
  synchronized int quietMillis() {
    return members > few ? quietMillis : -1;
  }

  synchronized Tools lend() {
    Tools spare = tools.poll();
    return spare == null ? new Tools() : spare;
  }

  synchronized void giveBack(Tools lent) {
    if (tools.size() < SPARE_TOOLS) {
      tools.push(lent);
    }
  }

  /**
   * Takes an instance's thread off it, until something happens. After that the caller must not
   * touch the instance any more: another thread may be serving it.
   *
   * @param descriptors the first has events to read, the others are tables of mounts that change
   * @param timeoutMillis after which it is to be served in any case; -1 for never
   * @return whether it was done; false if there is something to do
   */
  synchronized boolean rest(Instance instance, List<Integer> descriptors, int timeoutMillis) {
    if (closed || instance.hasWork() || !isAwaited()) {
      return false;
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    quiet.put(instance, new Wait(descriptors, until, timeoutMillis < 0));
    poller.wakeup();
    return true;
  }

  /** With the monitor held: sees to it that a thread waits for those that are quiet. */
  private boolean isAwaited() {
    if (!waiting) {
      try {
        threads.execute(this::await);
        waiting = true;
      } catch (OutOfMemoryError e) {
        log.debug("inotify: no thread can be started: {}", e.getMessage());
      }
    }
    return waiting;
  }

  /** Has an instance look at what it was given to do, which was done before. */
  void wake(Instance instance) {
    synchronized (this) {
      if (quiet.remove(instance) != null) {
        serve(instance);
        return;
      }
    }
    instance.interruptWait();
  }

  /** With the monitor held. */
  private void serve(Instance instance) {
    try {
      threads.execute(instance::serve);
    } catch (OutOfMemoryError e) {
      // No thread is to be had, by a limit of processes. Its events wait in the kernel's queue.
      log.warn("inotify: no thread can be started, trying again: {}", e.getMessage());
      quiet.put(instance, new Wait(List.of(), System.nanoTime() + NO_THREAD_NANOS, false));
      poller.wakeup();
    }
  }

  private void await() {
    try {
      Map<Instance, Wait> all = prepare();
      while (!all.isEmpty()) {
        poller.await(timeout(all));
        look(all);
        all = prepare();
      }
    } catch (NativeException | RuntimeException | Error e) {
      log.error("inotify: the thread that waits for quiet containers ends: {}", e.toString(), e);
      synchronized (this) {
        waiting = false;
        Map<Instance, Wait> all = new LinkedHashMap<>(quiet);
        quiet.clear();
        all.keySet().forEach(this::serve);
      }
    }
  }

  private synchronized Map<Instance, Wait> prepare() {
    poller.clear();
    for (Wait wait : quiet.values()) {
      short what = Poller.READABLE;
      for (int descriptor : wait.descriptors) {
        poller.add(descriptor, what);
        what = Poller.CHANGED;
      }
    }
    waiting = !quiet.isEmpty();
    if (closed && !waiting) {
      poller.close();
    }
    return new LinkedHashMap<>(quiet);
  }

  private static int timeout(Map<Instance, Wait> all) {
    long now = System.nanoTime();
    long least = Long.MAX_VALUE;
    for (Wait wait : all.values()) {
      least = wait.endless ? least : Math.min(least, Math.max(0, wait.until - now));
    }
    return least == Long.MAX_VALUE ? -1 : (int) Math.min(60_000, least / 1_000_000 + 1);
  }

  private synchronized void look(Map<Instance, Wait> all) {
    long now = System.nanoTime();
    int index = 0;
    for (Map.Entry<Instance, Wait> one : all.entrySet()) {
      Instance instance = one.getKey();
      int end = index + one.getValue().descriptors.size();
      boolean events = index < end && poller.isReady(index++);
      boolean mounts = false;
      while (index < end) {
        mounts |= poller.isReady(index++);
      }
      if (mounts) {
        // A change is told to whoever asks first, and to nobody else: it may be served by now.
        instance.mountsChanged();
      }
      if ((events || mounts || one.getValue().isOver(now))
          && quiet.remove(instance, one.getValue())) {
        serve(instance);
      } else if (mounts) {
        instance.interruptWait();
      }
    }
  }

  /**
   * Ends the threads; all instances were told to end before.
   *
   * @param until how long to wait for that, in the terms of {@link System#nanoTime}
   */
  void close(long until) {
    List<Thread> all;
    synchronized (this) {
      closed = true;
      threads.shutdown();
      if (waiting) {
        poller.wakeup();
      } else {
        poller.close();
      }
      all = List.copyOf(started);
    }
    try {
      for (Thread thread : all) {
        thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

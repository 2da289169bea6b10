package dev.custos.controller.reconcile;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work named by keys. A key that is added ten times before its turn is worked on once; one that is
 * added while it is worked on gets another turn afterwards; no key is worked on twice at a time. A
 * turn that fails is repeated, later and later, until one succeeds.
 *
 * @param <K> compared by value
 */
public final class KeyedQueue<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedQueue.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  // Several times what a request to the API server may take with its repetitions.
  private static final Duration LONGEST_TURN = Duration.ofMinutes(3);

  /** What to do with a key. Must bring about the state that is wanted now, however often called. */
  public interface Handler<K> {
    void handle(K key) throws Exception;
  }

  private final String name;
  private final Handler<K> handler;
  private final List<Thread> threads = new ArrayList<>();
  private final ScheduledExecutorService retries;

  private final Queue<K> waiting = new ArrayDeque<>();
  private final Set<K> dirty = new HashSet<>();
  // With when each turn began, by System.nanoTime.
  private final Map<K, Long> busy = new HashMap<>();
  private final Map<K, Integer> failures = new HashMap<>();
  private boolean closed;

  public KeyedQueue(String name, int threadCount, Handler<K> handler) {
    this.name = name;
    this.handler = handler;
    this.retries = Executors.newSingleThreadScheduledExecutor(r -> daemon(r, name + "-retry"));
    for (int i = 0; i < threadCount; i++) {
      threads.add(daemon(this::work, name + "-" + i));
    }
    threads.forEach(Thread::start);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** There is something to do for this key. Never blocks; does nothing after {@link #close}. */
  public synchronized void add(K key) {
    if (!closed && dirty.add(key) && !busy.containsKey(key)) {
      waiting.add(key);
      notifyAll();
    }
  }

  /** As {@link #add(Object)}, after a time. */
  public void add(K key, Duration delay) {
    try {
      ScheduledFuture<?> unused =
          retries.schedule(() -> add(key), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is closed, so {} has no further turn", name, key);
    }
  }

  /** How many keys wait for their turn. */
  public synchronized int depth() {
    return dirty.size();
  }

  /** Why it does not move any more; empty if it does. */
  public synchronized Optional<String> standstill() {
    if (!closed && !threads.stream().allMatch(Thread::isAlive)) {
      return Optional.of("a thread of the queue " + name + " has ended");
    }
    long now = System.nanoTime();
    return busy.values().stream()
        .map(begun -> Duration.ofNanos(now - begun))
        .filter(turn -> turn.compareTo(LONGEST_TURN) > 0)
        .findFirst()
        .map(turn -> "a turn of the queue " + name + " takes " + turn.toSeconds() + " s by now");
  }

  /** Ends after the turns that have begun; what waits is dropped. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      waiting.clear();
      notifyAll();
    }
    retries.shutdownNow();
    threads.forEach(Thread::interrupt);
  }

  private void work() {
    for (K key = take(); key != null; key = take()) {
      try {
        handler.handle(key);
        succeeded(key);
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        failed(key, e);
      } finally {
        done(key);
      }
    }
  }

  private synchronized K take() {
    while (waiting.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    K key = waiting.poll();
    if (key != null) {
      dirty.remove(key);
      busy.put(key, System.nanoTime());
    }
    return key;
  }

  private synchronized void done(K key) {
    busy.remove(key);
    if (!closed && dirty.contains(key)) {
      waiting.add(key);
      notifyAll();
    }
  }

  private synchronized void succeeded(K key) {
    failures.remove(key);
  }

  private synchronized void failed(K key, Exception fault) {
    if (closed) {
      return;
    }
    int times = failures.merge(key, 1, Integer::sum);
    long delay = Math.min(LAST_RETRY.toMillis(), FIRST_RETRY.toMillis() << Math.min(times - 1, 16));
    LOG.warn("{}: {} failed, again in {} ms", name, key, delay, fault);
    ScheduledFuture<?> unused = retries.schedule(() -> add(key), delay, TimeUnit.MILLISECONDS);
  }
}

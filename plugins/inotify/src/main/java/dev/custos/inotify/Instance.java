package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.watch.WatchPlan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One inotify descriptor and the thread that serves it; see the package's words. */
final class Instance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Instance.class);

  private static final int BUFFER = 64 * 1024;
  private static final int LONGEST_RECORD = 16 + 4096; // whatever the file system's longest name is
  private static final int SLICE_AT_MOST = 64;
  private static final long CLOSE_NANOS = 2_000_000_000L;

  private final Kernel kernel;
  private final Poller poller;
  private final Coordinator coordinator;
  private final Pace pace = new Pace();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final int slice = Limits.listingsAtOnce(SLICE_AT_MOST);
  private final Thread thread;
  private final AtomicLong turns = new AtomicLong();
  private volatile boolean stopping;
  private volatile Throwable dead;

  /** An apply call that has not been answered yet. */
  private record Waiting(WatchPlan plan, CompletableFuture<ApplyReport> answer) {}

  Instance(BackendContext context, Budget.Share budget) throws NativeException {
    this.kernel = new Kernel(context.threads());
    try {
      this.poller = new Poller();
    } catch (NativeException e) {
      kernel.close();
      throw e;
    }
    poller.add(kernel.inotify.number(), Poller.READABLE);
    this.coordinator = new Coordinator(kernel, context, budget);
    this.thread = context.threads().newThread(this::run);
    thread.start();
  }

  /** Any thread. Completes when every path was looked at and every listing is done. */
  CompletableFuture<ApplyReport> apply(WatchPlan plan) {
    CompletableFuture<ApplyReport> answer = new CompletableFuture<>();
    submit(
        () -> {
          coordinator.apply(plan);
          waiting.add(new Waiting(plan, answer));
        },
        answer);
    return answer;
  }

  /** No other instance hears of directories that this one reads. Any thread. */
  void readAloud() {
    kernel.listings.othersHear(false);
  }

  /**
   * Other instances hear of directories that this one reads. Any thread.
   *
   * @return completes when none is open any more that they would hear of
   */
  CompletableFuture<Void> readSilently() {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    kernel.listings.othersHear(true);
    submit(() -> coordinator.whenQuiet(() -> answer.complete(null)), answer);
    return answer;
  }

  /** Any thread. */
  CompletableFuture<Inspection> inspect() {
    CompletableFuture<Inspection> answer = new CompletableFuture<>();
    submit(() -> answer.complete(coordinator.inspect()), answer);
    return answer;
  }

  private void submit(Runnable task, CompletableFuture<?> answer) {
    tasks.add(task);
    poller.wakeup();
    if (dead != null || stopping) {
      answer.completeExceptionally(new BackendException("inotify: the reader thread has ended"));
    }
  }

  private void run() {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
      while (!stopping) {
        turn(buffer);
      }
    } catch (NativeException | RuntimeException | Error e) {
      dead = e;
      log.error("inotify: the reader thread ends: {}", e.toString(), e);
      coordinator.failed("inotify: the reader thread ended: " + e);
    } finally {
      for (Waiting w : waiting) {
        w.answer.completeExceptionally(new BackendException("inotify: closed", dead));
      }
      coordinator.close();
      kernel.close();
    }
  }

  /** How often the thread came round; if it does not, it sits in a system call. Any thread. */
  long turns() {
    return turns.get();
  }

  private void turn(ByteBuffer buffer) throws NativeException {
    turns.incrementAndGet();
    Runnable task;
    while ((task = tasks.poll()) != null) {
      task.run();
    }
    int bytes = kernel.inotify.read(buffer);
    int events = coordinator.read(buffer, bytes);
    boolean drained = bytes < BUFFER - LONGEST_RECORD;
    boolean working = coordinator.work(slice, drained, events > 0);
    if (!working) {
      answer();
    }
    if (!drained || working) {
      return;
    }
    if (pace.isFast(events)) {
      // A wake-up costs more than many events. While they come fast anyway, let some gather; the
      // queue holds 16,384, and this is a millisecond's worth.
      poller.awaitWakeup(1);
    } else {
      kernel.listings.rest();
      coordinator.pollMounts(poller, kernel.inotify.number());
      poller.await(coordinator.timeout());
      coordinator.readMounts(poller);
    }
  }

  private void answer() {
    if (!waiting.isEmpty()) {
      for (Waiting w : waiting) {
        w.answer.complete(coordinator.report(w.plan));
      }
      waiting.clear();
    }
  }

  boolean isDead() {
    return dead != null;
  }

  /** Tells the thread to end; does not wait for it. */
  void stop() {
    stopping = true;
    poller.wakeup();
  }

  /** Ends the thread, which closes the descriptor; waits for it for a while. */
  @Override
  public void close() {
    close(System.nanoTime() + CLOSE_NANOS);
  }

  /** Ends them all and waits for all together, for a while. */
  static void closeAll(Collection<Instance> instances) {
    instances.forEach(Instance::stop);
    long until = System.nanoTime() + CLOSE_NANOS;
    instances.forEach(instance -> instance.close(until));
  }

  private void close(long until) {
    stop();
    try {
      thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      if (thread.isAlive()) {
        // It sits in a system call on a file system that does not answer; it ends when that does.
        log.warn("inotify: the reader thread does not end, a file system does not answer");
      } else {
        poller.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

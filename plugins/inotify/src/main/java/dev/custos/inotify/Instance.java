package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.watch.WatchPlan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One inotify descriptor and what serves it; see the package's words. */
final class Instance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Instance.class);

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
  private final Crew crew;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicLong turns = new AtomicLong();
  private boolean heardEvents;
  private volatile boolean mountsChanged;
  private volatile boolean stopping;
  private volatile Throwable dead;

  /** An apply call that has not been answered yet. */
  private record Waiting(WatchPlan plan, CompletableFuture<ApplyReport> answer) {}

  Instance(BackendContext context, Budget.Share budget, Crew crew) throws NativeException {
    this.crew = crew;
    this.kernel = new Kernel(context.threads());
    try {
      this.poller = new Poller();
    } catch (NativeException e) {
      kernel.close();
      throw e;
    }
    poller.add(kernel.inotify.number(), Poller.READABLE);
    this.coordinator = new Coordinator(kernel, context, budget);
    crew.join(this);
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
    crew.wake(this);
    if (dead != null || stopping) {
      answer.completeExceptionally(new BackendException("inotify: the reader thread has ended"));
    }
  }

  /** Serves it until it has ended, or may share a thread with others that are quiet. */
  void serve() {
    Tools tools = crew.lend();
    try {
      if (serve(tools)) {
        end();
      }
    } finally {
      crew.giveBack(tools);
    }
  }

  /** Returns whether it has ended; if it has not, another thread may be serving it by now. */
  private boolean serve(Tools tools) {
    try {
      kernel.equip(tools);
      heardEvents = false;
      while (!stopping) {
        if (turn(tools.events)) {
          List<Integer> descriptors = coordinator.descriptors(kernel.inotify.number());
          coordinator.rest();
          kernel.unequip();
          if (crew.rest(this, descriptors, coordinator.timeout())) {
            return false;
          }
          kernel.equip(tools);
        }
      }
    } catch (NativeException | RuntimeException | Error e) {
      dead = e;
      log.error("inotify: the reader thread ends: {}", e.toString(), e);
      kernel.equip(tools);
      coordinator.failed("inotify: the reader thread ended: " + e);
    }
    return true;
  }

  private void end() {
    try {
      for (Waiting w : waiting) {
        w.answer.completeExceptionally(new BackendException("inotify: closed", dead));
      }
      coordinator.close();
      kernel.close();
    } finally {
      crew.leave();
      ended.countDown();
    }
  }

  /** Whether there is something to do that no descriptor tells of. Any thread. */
  boolean hasWork() {
    return stopping || mountsChanged || !tasks.isEmpty();
  }

  /** Somebody else was told that mounts have changed. Any thread. */
  void mountsChanged() {
    mountsChanged = true;
  }

  /** Ends a wait of the thread that serves it. Any thread. */
  void interruptWait() {
    poller.wakeup();
  }

  /** How often the thread came round; if it does not, it sits in a system call. Any thread. */
  long turns() {
    return turns.get();
  }

  /** Returns whether nothing has happened for a while, and nothing is left to do. */
  private boolean turn(ByteBuffer buffer) throws NativeException {
    turns.incrementAndGet();
    if (mountsChanged) {
      mountsChanged = false;
      coordinator.readMounts();
    }
    Runnable task;
    while ((task = tasks.poll()) != null) {
      task.run();
    }
    int bytes = kernel.inotify.read(buffer);
    int events = coordinator.read(buffer, bytes);
    heardEvents |= events > 0;
    boolean drained = bytes < Tools.EVENTS - LONGEST_RECORD;
    boolean working = coordinator.work(slice, drained, events > 0);
    if (!working) {
      answer();
    }
    if (!drained || working) {
      return false;
    }
    if (pace.isFast(events)) {
      // A wake-up costs more than many events. While they come fast anyway, let some gather; the
      // queue holds 16,384, and this is a millisecond's worth.
      poller.awaitWakeup(1);
      return false;
    }
    return await();
  }

  private boolean await() throws NativeException {
    kernel.listings.rest();
    coordinator.pollMounts(poller, kernel.inotify.number());
    int timeout = coordinator.timeout();
    int quiet = crew.quietMillis();
    boolean mayRest = quiet >= 0 && (timeout < 0 || timeout > quiet);
    // Who has only carried out a plan is not likely to hear of something soon.
    quiet = heardEvents ? quiet : 0;
    long begin = System.nanoTime();
    poller.await(mayRest ? quiet : timeout);
    coordinator.readMounts(poller);
    return mayRest
        && System.nanoTime() - begin >= quiet * 1_000_000L
        && !poller.isReady(0)
        && coordinator.isQuiet();
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
    crew.wake(this);
  }

  /** Ends the thread, which closes the descriptor; waits for it for a while. */
  @Override
  public void close() {
    close(System.nanoTime() + CLOSE_NANOS);
  }

  /** Ends them all and their threads, and waits for all together, for a while. */
  static void closeAll(Collection<Instance> instances, Crew crew) {
    instances.forEach(Instance::stop);
    long until = System.nanoTime() + CLOSE_NANOS;
    instances.forEach(instance -> instance.close(until));
    crew.close(until);
  }

  private void close(long until) {
    stop();
    try {
      if (!ended.await(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
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

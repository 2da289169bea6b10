package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes events of what readers note, on a thread of its own. So whatever a host does in {@code
 * publish}, loading a class from a guarded folder included, waits for a reader and never the other
 * way round.
 */
final class DecisionPublisher implements AutoCloseable {
  /**
   * So many records are made between two moments at which others may have the processor, for
   * whoever asks next may be waiting for it.
   */
  private static final int BATCH = 8;

  private static final int MOST = 256;

  /**
   * After a record more are likely: for this long they gather, so that not every answer pays for
   * waking a thread, which on one CPU takes its turn before whoever asks next.
   */
  private static final long GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private enum State {
    AWAKE,
    GATHERING,
    PARKED
  }

  private final BackendContext context;
  private final Map<DecisionLog, Source> logs = new ConcurrentHashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<IntegrityEvent> batch = new ArrayList<>(BATCH);
  private final Thread thread;
  private volatile boolean closed;
  private volatile State state = State.AWAKE;

  DecisionPublisher(BackendContext context) {
    this.context = context;
    this.thread = context.threads().newThread(this::run);
    thread.start();
  }

  /** Where the decisions of a log come from. */
  private record Source(Origin origin, LateLook look) {}

  /**
   * A log for the reader of a target.
   *
   * @param users how the target numbers its users
   */
  DecisionLog open(Target target, IdMap users) {
    DecisionLog log = new DecisionLog();
    logs.put(log, new Source(target.origin(), new LateLook(target, users)));
    return log;
  }

  /** Forgets a log, whose reader has ended, as soon as what it holds is published. */
  void close(DecisionLog log) {
    log.end();
    LockSupport.unpark(thread);
  }

  /**
   * Called by a reader after each commit: cheap if the publisher is awake already, or will be soon.
   *
   * @param many whether it should not wait for more
   */
  void wake(boolean many) {
    State seen = state;
    if (seen == State.PARKED || (many && seen == State.GATHERING)) {
      // The next commit need not do it again.
      state = State.AWAKE;
      LockSupport.unpark(thread);
    }
  }

  /** Has the publisher tell the host something, in its turn. Neither waits nor loads a class. */
  void later(Runnable task) {
    tasks.add(task);
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      if (publishAll()) {
        gather();
      } else {
        state = State.PARKED;
        // A commit between the look above and this flag saw no reason to wake anyone.
        if (!closed && isIdle()) {
          LockSupport.park(this);
        }
        state = State.AWAKE;
      }
    }
    while (publishAll()) {
      // Until nothing is left: readers have ended by now.
    }
  }

  private void gather() {
    state = State.GATHERING;
    // A reader that found many before this flag wakes nobody, and nor did a task.
    if (!closed && tasks.isEmpty() && !isBehind()) {
      LockSupport.parkNanos(this, GATHERING_NANOS);
    }
    state = State.AWAKE;
  }

  private boolean isIdle() {
    if (!tasks.isEmpty()) {
      return false;
    }
    for (DecisionLog log : logs.keySet()) {
      if (!log.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private boolean isBehind() {
    for (DecisionLog log : logs.keySet()) {
      if (log.isBehind()) {
        return true;
      }
    }
    return false;
  }

  // Nothing depends on the yield: it spares whoever shares a processor with us a wait.
  @SuppressWarnings("ThreadPriorityCheck")
  private boolean publishAll() {
    boolean any = false;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      any = true;
    }
    for (Map.Entry<DecisionLog, Source> entry : logs.entrySet()) {
      Source source = entry.getValue();
      DecisionLog log = entry.getKey();
      source.look().startBurst();
      // No more than what is there already: the burst has to be over before the first look.
      int most = Math.min(log.available(), MOST);
      for (int taken = 0; taken < most; taken += BATCH) {
        if (taken > 0) {
          Thread.yield();
        }
        log.drain(decision -> convert(decision, source), Math.min(most - taken, BATCH));
        publishBatch();
        any = true;
      }
      convertLosses(log, source.origin());
      publishBatch();
    }
    removeEnded();
    return any;
  }

  private void publishBatch() {
    if (!batch.isEmpty()) {
      context.events().publishAll(batch);
      batch.clear();
    }
  }

  private void removeEnded() {
    logs.entrySet()
        .removeIf(
            entry -> {
              boolean over = entry.getKey().isEnded() && entry.getKey().isEmpty();
              if (over) {
                entry.getValue().look().close();
              }
              return over;
            });
  }

  private void convert(Decision decision, Source source) {
    source.look().complete(decision);
    // The kernel tells no id of a process outside of our process id namespace.
    ProcessFacts process = decision.pid > 0 ? decision.process.facts() : null;
    for (Ruling.Note note : notes(decision)) {
      AccessDecided.Builder event =
          AccessDecided.builder(note.subject(), source.origin())
              .time(decision.time)
              .response(note.response())
              .kind(decision.kind)
              .path(path(decision))
              .fileType(decision.directory ? FileType.DIRECTORY : FileType.FILE)
              .rule(note.rule())
              .process(process);
      batch.add(event.build());
    }
  }

  private static List<Ruling.Note> notes(Decision decision) {
    return Ruling.notes(decision.first, decision.second, decision.asker, decision.matching);
  }

  /** A path that can't be had, because it is too long or out of sight, is that of the rule. */
  private static FilePath path(Decision decision) {
    return decision.pathLength == 0
        ? decision.first.rules().get(0).path()
        : FilePath.ofBytes(decision.path, 0, decision.pathLength);
  }

  private void convertLosses(DecisionLog log, Origin origin) {
    long lost = log.takeLost();
    if (lost > 0) {
      String detail = "answers were given faster than they could be published; all were answered";
      batch.add(loss(origin, LossReason.SINK_QUEUE_FULL, detail).count(lost).build());
    }
    if (log.takeOverflows() > 0) {
      String detail = "accesses passed unasked, because fanotify's queue was full";
      batch.add(loss(origin, LossReason.KERNEL_QUEUE_OVERFLOW, detail).build());
    }
    long refused = log.takeRefusals();
    if (refused > 0) {
      int errno = log.refusalErrno();
      String detail =
          "the kernel denied accesses by itself, because it could not open the file for the guard: "
              + Errno.name(errno)
              + (errno == Errno.EAGAIN ? ", as where somebody holds a lease on it" : "");
      batch.add(loss(origin, LossReason.LIMIT_REACHED, detail).count(refused).build());
    }
  }

  private EventsLost.Builder loss(Origin origin, LossReason reason, String detail) {
    Instant now = context.clock().instant();
    return EventsLost.builder(Subject.ofAgent(), origin).time(now).reason(reason).detail(detail);
  }

  /** Publishes what is left and ends the thread. Every reader has ended. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

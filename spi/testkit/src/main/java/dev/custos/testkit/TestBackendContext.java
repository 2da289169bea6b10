package dev.custos.testkit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.BackendContext;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A host for one backend under test: records events and coverage, and keeps track of threads so
 * that one left behind is found.
 */
public final class TestBackendContext implements BackendContext {
  private final Config config;
  private final Clock clock;
  private final RecordingPublisher events = new RecordingPublisher();
  private final RecordingCoverage coverage = new RecordingCoverage();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final AtomicInteger threadCount = new AtomicInteger();

  private TestBackendContext(Builder builder) {
    this.config = builder.config;
    this.clock = builder.clock;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public RecordingPublisher events() {
    return events;
  }

  @Override
  public RecordingCoverage coverage() {
    return coverage;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public ThreadFactory threads() {
    return task -> {
      Thread thread = new Thread(task, "backend-under-test-" + threadCount.incrementAndGet());
      // A thread that a failing test leaves behind must not keep the test run from ending.
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler((dead, cause) -> uncaught.add(cause));
      threads.removeIf(one -> one.getState() == Thread.State.TERMINATED);
      threads.add(thread);
      return thread;
    };
  }

  /** The threads that were made here and still run. */
  public List<Thread> liveThreads() {
    return threads.stream().filter(Thread::isAlive).toList();
  }

  /** What threads died of. */
  public List<Throwable> uncaught() {
    return List.copyOf(uncaught);
  }

  /**
   * Fails if a thread that was made here still runs {@code atMost} from now, or has died of an
   * exception.
   */
  public void assertThreadsEnded(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    for (Thread thread : threads) {
      long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      try {
        if (thread.isAlive()) {
          thread.join(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + thread, e);
      }
      if (thread.isAlive()) {
        AssertionError leak = new AssertionError("still runs after close: " + thread.getName());
        leak.setStackTrace(thread.getStackTrace());
        throw leak;
      }
    }
    for (Throwable cause : uncaught) {
      throw new AssertionError("a thread of the backend died", cause);
    }
  }

  /** By default: an empty configuration and the system's clock. */
  public static final class Builder {
    private Config config = ConfigFactory.empty();
    private Clock clock = Clock.systemUTC();

    private Builder() {}

    public Builder config(Config config) {
      this.config = Objects.requireNonNull(config, "config");
      return this;
    }

    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public TestBackendContext build() {
      return new TestBackendContext(this);
    }
  }
}

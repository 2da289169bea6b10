package dev.custos.inotify;

import com.typesafe.config.Config;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.watch.Capabilities;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchBackendProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The provider, with two handles on its reader threads: a test can hold them in the middle of a
 * turn, so that the kernel's queue fills for sure, and have them run without root's privileges.
 */
final class HeldProvider implements WatchBackendProvider {
  /** Limits are tried again after this time; in earnest it is ten seconds. */
  static final Duration RETRY = Duration.ofSeconds(1);

  private final InotifyProvider provider = new InotifyProvider(RETRY);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean held;
  private int waiting;
  private final AtomicBoolean unprivileged = new AtomicBoolean();

  /** Threads that are started from now on may read only what anybody may. */
  void dropPrivileges() {
    unprivileged.set(true);
  }

  /**
   * Lets each reader thread go no further than to the next event that it publishes. Returns once
   * {@code provoke} has brought one there.
   */
  void hold(Runnable provoke) {
    lock.lock();
    try {
      held = true;
    } finally {
      lock.unlock();
    }
    provoke.run();
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(60);
      while (waiting == 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (waiting == 0) {
        throw new AssertionError("no reader thread came to publish");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  void letGo() {
    lock.lock();
    try {
      held = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pass() {
    lock.lock();
    try {
      waiting++;
      changed.signalAll();
      while (held) {
        changed.awaitUninterruptibly();
      }
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public Availability probe() {
    return provider.probe();
  }

  @Override
  public Capabilities capabilities() {
    return provider.capabilities();
  }

  @Override
  public WatchBackend open(BackendContext context) throws BackendException {
    return provider.open(new Context(context));
  }

  private final class Context implements BackendContext, EventPublisher {
    private final BackendContext host;

    private Context(BackendContext host) {
      this.host = host;
    }

    @Override
    public Config config() {
      return host.config();
    }

    @Override
    public EventPublisher events() {
      return this;
    }

    @Override
    public Coverage coverage() {
      return host.coverage();
    }

    @Override
    public ThreadFactory threads() {
      return task ->
          host.threads()
              .newThread(
                  () -> {
                    if (unprivileged.get()) {
                      FsUidLibrary.becomeNobody();
                    }
                    task.run();
                  });
    }

    @Override
    public Clock clock() {
      return host.clock();
    }

    @Override
    public void publish(IntegrityEvent event) {
      pass();
      host.events().publish(event);
    }

    @Override
    public void publishAll(List<? extends IntegrityEvent> events) {
      pass();
      host.events().publishAll(events);
    }
  }
}

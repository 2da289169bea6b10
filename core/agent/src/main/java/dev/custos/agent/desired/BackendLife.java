package dev.custos.agent.desired;

import dev.custos.spi.Backend;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongFunction;

/**
 * Opens a backend, and the next one when it has died. What is said to be guarded is guarded by the
 * monitor of {@code owner}, which is held by whoever calls.
 *
 * @param <P> the plan
 */
final class BackendLife<P> {
  /** Hears of what comes of opening. */
  interface Owner {
    /** The monitor. */
    Object monitor();

    /** Called with the monitor: it is open. Returns what is to be done without the monitor. */
    Runnable opened(boolean again);

    /** The same: it can't be opened, and will be tried again. */
    Runnable openingFailed(String reason);

    /** Called without the monitor: one that is of no use any more could not be closed. */
    void closingFailed(String reason);
  }

  private final String name;
  private final BackendOpener<P> opener;
  private final LongFunction<Coverage> coverage;
  private final Owner owner;
  private final Clock clock;
  private final Alarm alarm;
  private final BackendThreads threads = new BackendThreads();

  // Guarded.
  private final ReopenPause reopening = new ReopenPause();
  private Backend<P> backend;
  private long generation;
  private boolean opening;
  private boolean closed;

  /**
   * @param coverage what a backend of this generation reports to
   */
  BackendLife(
      String name,
      BackendOpener<P> opener,
      LongFunction<Coverage> coverage,
      Owner owner,
      Clock clock,
      Alarm alarm) {
    this.name = name;
    this.opener = opener;
    this.coverage = coverage;
    this.owner = owner;
    this.clock = clock;
    this.alarm = alarm;
  }

  /** Guarded. Null while none is open. */
  Backend<P> backend() {
    return backend;
  }

  /** Guarded. Tells a backend from the one before it: how many have died. */
  long generation() {
    return generation;
  }

  /** Guarded. Whether the backend of that generation is none any more. */
  boolean isOver(long born) {
    return closed || born != generation;
  }

  /** Guarded. */
  boolean isClosed() {
    return closed;
  }

  /** Guarded. Opens one if there is none. */
  void need() {
    if (backend == null && !opening) {
      openSoon(Duration.ZERO);
    }
  }

  /** Guarded. The backend is dead; what is returned has to be given to {@link #next}. */
  Backend<P> end() {
    Backend<P> old = backend;
    backend = null;
    generation++;
    opening = true;
    return old;
  }

  /** Closes the dead one, however long that takes, and opens the next. */
  void next(Backend<P> old) {
    // What hangs in the old one must not hold up the new one.
    start(() -> closeQuietly(old), "close");
    synchronized (owner.monitor()) {
      openSoon(reopening.afterDeath(clock.instant()));
    }
  }

  /** Guarded. Nothing is opened from now on; returns what is to be closed, or null. */
  Backend<P> close() {
    closed = true;
    Backend<P> last = backend;
    backend = null;
    return last;
  }

  private void openSoon(Duration delay) {
    opening = true;
    if (delay.isZero()) {
      start(this::open, "open");
    } else {
      alarm.after(delay, () -> start(this::open, "open"));
    }
  }

  private void open() {
    Backend<P> fresh = null;
    Throwable failure = null;
    Coverage reported;
    synchronized (owner.monitor()) {
      reported = coverage.apply(generation);
    }
    try {
      fresh = opener.open(reported);
    } catch (BackendException | RuntimeException | Error e) {
      failure = e;
    }
    Runnable then;
    synchronized (owner.monitor()) {
      if (closed) {
        then = fresh == null ? () -> {} : closing(fresh);
      } else if (fresh == null) {
        then =
            owner.openingFailed(
                failure == null ? "the provider returned nothing" : BackendOpener.reason(failure));
        openSoon(reopening.afterFailure());
      } else {
        opening = false;
        backend = fresh;
        reopening.opened(clock.instant());
        then = owner.opened(generation > 0);
      }
    }
    then.run();
  }

  private Runnable closing(Backend<P> late) {
    return () -> closeQuietly(late);
  }

  /**
   * Waits for what is still being opened or closed, but no longer than that. Not guarded.
   *
   * <p>One that is being opened while all ends is closed by the thread that opened it.
   */
  void awaitEnd(Duration most) {
    threads.awaitEnd(most);
  }

  private void start(Runnable task, String what) {
    threads.start(task, "custos-" + name + "-" + what);
  }

  private void closeQuietly(Backend<P> old) {
    try {
      old.close();
    } catch (RuntimeException e) {
      owner.closingFailed(BackendOpener.reason(e));
    }
  }
}

package dev.custos.agent.pipeline;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** How one thread sleeps while it has nothing to do, until another one has something for it. */
final class Sleeper {
  static final long FOREVER = Long.MAX_VALUE;

  private final Thread thread;
  private final AtomicBoolean asleep = new AtomicBoolean();

  Sleeper(Thread thread) {
    this.thread = thread;
  }

  /**
   * Sleeps if there is nothing to do. May return at any time; the caller looks again. Its own
   * thread's alone.
   *
   * @param nothing whether there is nothing to do. It is asked when others know already that they
   *     have to wake this thread, and may take locks
   * @param nanos for how long at most
   */
  void sleepIf(BooleanSupplier nothing, long nanos) {
    asleep.set(true);
    // Whoever wakes between two of the things that are looked at is not seen by the look, and a
    // lock that the look then waits for uses up the permit of the unpark (LockSupport has one per
    // thread): without the flag this would sleep on, for good.
    if (nothing.getAsBoolean() && asleep.get()) {
      LockSupport.parkNanos(this, nanos);
    }
    asleep.set(false);
  }

  /** Wakes it if it sleeps for want of something to do, or is about to. At most one caller does. */
  void wake() {
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Wakes it also where it waits for something else. */
  void wakeAlways() {
    asleep.set(false);
    LockSupport.unpark(thread);
  }
}

package dev.custos.agent.pipeline;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides the race between a write that returns and a supervisor that loses patience. The worker
 * begins and ends; the supervisor interrupts and abandons.
 */
final class WriteState {
  private static final int RUNNING = 0;
  private static final int WRITING = 1;
  private static final int INTERRUPTING = 2;
  private static final int ABANDONED = 3;

  private final Thread thread;
  private final AtomicInteger state = new AtomicInteger(RUNNING);
  private volatile long since;
  private volatile boolean interrupted;

  WriteState(Thread thread) {
    this.thread = thread;
  }

  /** When the running write began, by {@link System#nanoTime}; 0 if none runs. */
  long since() {
    return since;
  }

  boolean wasInterrupted() {
    return interrupted;
  }

  void begin() {
    interrupted = false;
    since = System.nanoTime();
    state.set(WRITING);
  }

  /** Returns false if the worker was abandoned meanwhile. */
  boolean end() {
    while (!state.compareAndSet(WRITING, RUNNING)) {
      if (state.get() == ABANDONED) {
        return false;
      }
      // The supervisor is between its decision to interrupt and the interrupt itself.
      Thread.onSpinWait();
    }
    since = 0;
    if (interrupted) {
      // Whatever became of it, the interrupt was meant for that write alone.
      Thread.interrupted();
    }
    return true;
  }

  /** Interrupts the running write, and never anything after it. */
  boolean interrupt() {
    if (!state.compareAndSet(WRITING, INTERRUPTING)) {
      return false;
    }
    interrupted = true;
    thread.interrupt();
    state.set(WRITING);
    return true;
  }

  /** From now on what the running write returns no longer counts. */
  boolean abandon() {
    return state.compareAndSet(WRITING, ABANDONED);
  }
}

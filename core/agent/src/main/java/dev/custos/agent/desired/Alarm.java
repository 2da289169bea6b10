package dev.custos.agent.desired;

import java.time.Duration;

/** Runs something later. Tests let time pass by hand. */
public interface Alarm {
  /** Runs {@code task} once, after {@code delay}, on a thread that it must not block. */
  Cancel after(Duration delay, Runnable task);

  /** Takes an alarm back. */
  interface Cancel {
    /** Does nothing if the task ran already. */
    void cancel();
  }
}

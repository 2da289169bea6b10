package dev.custos.agent.pipeline;

/** Waits for the pipeline's own threads. */
final class Threads {
  private Threads() {}

  /** Waits for a thread's end until a moment of {@link System#nanoTime}, if it was started. */
  static void join(Thread thread, long untilNanos) {
    try {
      long left = untilNanos - System.nanoTime();
      if (thread.isAlive() && left > 0) {
        thread.join(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

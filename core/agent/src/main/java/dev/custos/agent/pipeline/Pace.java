package dev.custos.agent.pipeline;

/**
 * Tells when events come so fast that it pays to let them gather for a moment, so that one wake-up
 * serves many. Belongs to one thread.
 */
final class Pace {
  private static final double FAST_EVENTS_PER_NANO = 20_000 / 1e9;

  private boolean fast;
  private double recentEvents;
  private double recentNanos;
  private long lastTake = System.nanoTime();

  boolean isFast() {
    return fast;
  }

  /** There was nothing to take. */
  void idle() {
    fast = false;
  }

  /**
   * Takes note of a batch.
   *
   * @param full whether more may wait: then there is nothing to wait for
   */
  void observe(int events, boolean full) {
    long now = System.nanoTime();
    recentEvents = recentEvents * 0.75 + events;
    recentNanos = recentNanos * 0.75 + (now - lastTake);
    lastTake = now;
    fast = !full && recentEvents > FAST_EVENTS_PER_NANO * recentNanos;
  }
}

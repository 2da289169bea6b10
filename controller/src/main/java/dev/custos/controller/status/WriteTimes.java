package dev.custos.controller.status;

/** When one resource's status was looked at and written, and may be next. Not thread-safe. */
final class WriteTimes {
  // A resource that takes long to look at, because it selects half the cluster, gets no more than
  // this part of the time.
  private static final int SHARE = 10;

  private final Pace pace;
  private long nextSlot;
  private long notBefore;

  /**
   * @param now by a clock in nanoseconds, as all times here
   */
  WriteTimes(Pace pace, long now) {
    this.pace = pace;
    this.nextSlot = now;
    this.notBefore = now;
  }

  /** How long until the next look; zero or less if it may be now. */
  long pause(long now) {
    // Every write takes a slot of its own, and a burst of them may be ahead of theirs.
    long ahead = nextSlot - now - (pace.burst() - 1) * pace.interval().toNanos();
    return Math.max(ahead, notBefore - now);
  }

  void written(long now) {
    nextSlot = Math.max(nextSlot - now, 0) + now + pace.interval().toNanos();
  }

  void looked(long from, long to) {
    notBefore = to + Math.max(pace.gather().toNanos(), (to - from) * (SHARE - 1));
  }
}

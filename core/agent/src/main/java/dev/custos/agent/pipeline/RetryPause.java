package dev.custos.agent.pipeline;

import java.time.Duration;
import java.util.SplittableRandom;

/** How long to wait before the next try of a batch, and when to stop trying. For one thread. */
final class RetryPause {
  /** A receiver that asks for a day is broken or hostile. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

  private static final double JITTER = 0.2;

  private final SplittableRandom random = new SplittableRandom();
  private double nextNanos;
  private long firstFailure;
  private boolean failing;

  /** A write worked, or another batch begins. */
  void reset() {
    failing = false;
    nextNanos = 0;
  }

  /** A write failed: the pause after it, a bit shorter than its share. */
  Duration next(RetryPolicy policy) {
    if (!failing) {
      failing = true;
      firstFailure = System.nanoTime();
    }
    double max = policy.max().toNanos();
    nextNanos =
        Math.min(
            max, nextNanos == 0 ? policy.initial().toNanos() : nextNanos * policy.multiplier());
    return Duration.ofNanos((long) (nextNanos * (1 - JITTER * random.nextDouble())));
  }

  /** What a receiver asked for, within reason. */
  static Duration asked(Duration asked, RetryPolicy policy) {
    Duration longest = policy.max().compareTo(LONGEST_ASKED) > 0 ? policy.max() : LONGEST_ASKED;
    return asked.compareTo(longest) > 0 ? longest : asked;
  }

  /** Whether the batch was offered for long enough. */
  boolean isOver(RetryPolicy policy) {
    return failing
        && policy.giveUpAfter().isPresent()
        && System.nanoTime() - firstFailure >= policy.giveUpAfter().get().toNanos();
  }
}

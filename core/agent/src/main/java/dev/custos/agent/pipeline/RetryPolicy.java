package dev.custos.agent.pipeline;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What follows a failed write. Every pause is made up to a fifth shorter at random, so that agents
 * which failed together do not come back together.
 *
 * @param initial the pause after a first failed write
 * @param max the longest pause; what a receiver asks for is kept up to this or five minutes,
 *     whichever is longer
 * @param multiplier by how much each further pause is longer; at least 1
 * @param giveUpAfter how long a batch is offered before it is dropped and reported as lost; empty
 *     to offer it for ever
 */
public record RetryPolicy(
    Duration initial, Duration max, double multiplier, Optional<Duration> giveUpAfter) {
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, Optional.empty());

  public RetryPolicy {
    Objects.requireNonNull(giveUpAfter, "giveUpAfter");
    if (initial.isNegative() || initial.isZero() || max.compareTo(initial) < 0) {
      throw new IllegalArgumentException("a pause is more than 0, the longest not below the first");
    }
    if (!(multiplier >= 1) || Double.isInfinite(multiplier)) {
      throw new IllegalArgumentException("the multiplier must be at least 1");
    }
    if (giveUpAfter.isPresent() && (giveUpAfter.get().isNegative() || giveUpAfter.get().isZero())) {
      throw new IllegalArgumentException("giving up takes more than 0");
    }
  }
}

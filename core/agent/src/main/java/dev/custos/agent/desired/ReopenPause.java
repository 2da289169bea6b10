package dev.custos.agent.desired;

import java.time.Duration;
import java.time.Instant;

/**
 * How long to wait before a backend is opened again: not at all if it lived for long, because it
 * died of something new, and else longer each time. Its owner's monitor guards it.
 */
final class ReopenPause {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration LONG_LIFE = Duration.ofMinutes(1);

  private Instant openedAt = Instant.MIN;
  private Duration pause = Duration.ZERO;

  void opened(Instant now) {
    openedAt = now;
  }

  Duration afterDeath(Instant now) {
    boolean livedLong = Duration.between(openedAt, now).compareTo(LONG_LIFE) > 0;
    pause = livedLong ? Duration.ZERO : longer();
    return pause;
  }

  Duration afterFailure() {
    pause = longer();
    return pause;
  }

  private Duration longer() {
    Duration next = pause.isZero() ? FIRST : pause.multipliedBy(2);
    return next.compareTo(LONGEST) > 0 ? LONGEST : next;
  }
}

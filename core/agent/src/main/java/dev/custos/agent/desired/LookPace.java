package dev.custos.agent.desired;

import java.time.Duration;

/**
 * When containers that are not there are looked for again: soon after something has happened, then
 * more and more rarely. A look costs as much as the node has processes, and a container may make
 * thousands, so however often containers come and go, between two looks is several times as long as
 * the last one took. Not thread-safe.
 */
final class LookPace {
  static final Duration FIRST = Duration.ofMillis(50);
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** So that looks take a fifth of a CPU at most. */
  private static final int REST = 4;

  private Duration pause = FIRST;
  private Duration cost = Duration.ZERO;

  /** Something has happened. */
  void restart() {
    pause = FIRST;
  }

  /** Whether nothing was looked for since {@link #restart}. */
  boolean isAtStart() {
    return pause.equals(FIRST);
  }

  /**
   * A look has been taken.
   *
   * @param took less than zero if the clock was set meanwhile
   */
  void looked(Duration took) {
    cost = took;
    pause = shorter(pause.multipliedBy(2), LONGEST);
  }

  /** How long to wait from now on. */
  Duration next() {
    Duration rest = cost.multipliedBy(REST);
    return rest.compareTo(pause) > 0 ? shorter(rest, LONGEST) : pause;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}

package dev.custos.agent.link;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between tries, each a random one between the shortest and three times the last: so that
 * the agents of a whole cluster do not come back in step when their controller does. The first one
 * is at most twice the shortest, because mostly another replica serves by then.
 */
final class Backoff {
  private final long shortest;
  private final long longest;
  private long last;
  private boolean first;

  Backoff(LinkSettings.Patience patience) {
    this.shortest = patience.shortestPause().toMillis();
    this.longest = patience.longestPause().toMillis();
    reset();
  }

  void reset() {
    last = shortest;
    first = true;
  }

  Duration next() {
    long upTo = Math.max(shortest, Math.min(longest, (first ? 2 : 3) * last));
    first = false;
    last = ThreadLocalRandom.current().nextLong(shortest, upTo + 1);
    return Duration.ofMillis(last);
  }
}

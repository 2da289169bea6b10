package dev.custos.controller.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pods a resource is known to be served in, so that each is told of once: not again after its
 * agent was away for a while, nor because a new leader hears of it for the first time. Not
 * thread-safe.
 */
final class ServedPods {
  /** For how long a new leader hears of what the one before has told already. */
  private static final Duration CATCHING_UP = Duration.ofSeconds(60);

  private final Map<String, String> known = new HashMap<>();
  private final long caughtUp;
  private int toldBefore;

  /** The names of pods that came and went. */
  record Changes(List<String> added, List<String> removed) {}

  /**
   * @param toldBefore how many pods the status that was found said are served
   * @param now in nanoseconds
   */
  ServedPods(int toldBefore, long now) {
    this.toldBefore = toldBefore;
    this.caughtUp = now + CATCHING_UP.toNanos();
  }

  /**
   * @param selected uids of the pods that are selected
   * @param served those that are served, with their names
   */
  Changes update(Collection<String> selected, Map<String, String> served, long now) {
    List<String> removed = new ArrayList<>();
    known
        .entrySet()
        .removeIf(
            pod -> {
              boolean gone = !selected.contains(pod.getKey());
              if (gone) {
                removed.add(pod.getValue());
              }
              return gone;
            });
    List<String> added = new ArrayList<>();
    served.forEach(
        (uid, name) -> {
          if (known.put(uid, name) == null) {
            if (toldBefore > 0 && now - caughtUp < 0) {
              toldBefore--;
            } else {
              added.add(name);
            }
          }
        });
    added.sort(null);
    removed.sort(null);
    return new Changes(added, removed);
  }
}

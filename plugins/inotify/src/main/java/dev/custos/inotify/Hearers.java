package dev.custos.inotify;

import dev.custos.inotify.Lanes.Lane;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Which lanes hear of directories being read, so that every instance that is not theirs reads
 * silently. Not thread-safe.
 */
final class Hearers {
  private final Map<Lane, Instance> hearers = new HashMap<>();
  private final Set<Instance> careful = new HashSet<>();

  /**
   * A lane is going to hear.
   *
   * @param all every instance there is
   * @return completes for each of the others when it is silent
   */
  List<CompletableFuture<Void>> add(Lane lane, Instance instance, Collection<Instance> all) {
    return hearers.put(lane, instance) == instance ? List.of() : tell(all);
  }

  /** A lane hears no more. */
  void remove(Lane lane, Collection<Instance> all) {
    if (hearers.remove(lane) != null) {
      tell(all);
    }
  }

  /** Tells an instance that has been made just now. */
  void tell(Instance instance) {
    tell(Set.of(instance));
  }

  private List<CompletableFuture<Void>> tell(Collection<Instance> all) {
    Set<Instance> who = new HashSet<>(hearers.values());
    List<CompletableFuture<Void>> becomeSilent = new ArrayList<>();
    for (Instance instance : new HashSet<>(all)) {
      boolean othersHear = who.size() > (who.contains(instance) ? 1 : 0);
      if (othersHear && careful.add(instance)) {
        becomeSilent.add(instance.readSilently());
      } else if (!othersHear && careful.remove(instance)) {
        instance.readAloud();
      }
    }
    return becomeSilent;
  }

  /** An instance is gone; null if none is. */
  void forget(Instance instance) {
    careful.remove(instance);
  }
}

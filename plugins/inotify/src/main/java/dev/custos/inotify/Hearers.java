package dev.custos.inotify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Which targets hear of directories being read, so that every instance that is not theirs reads
 * silently. Not thread-safe.
 */
final class Hearers {
  private final Map<String, Instance> hearers = new HashMap<>();
  private final Set<Instance> careful = new HashSet<>();

  /**
   * A target is going to hear.
   *
   * @param all every instance there is
   * @return completes for each of the others when it is silent
   */
  List<CompletableFuture<Void>> add(String target, Instance instance, Collection<Instance> all) {
    return hearers.put(target, instance) == instance ? List.of() : tell(all);
  }

  /** A target hears no more. */
  void remove(String target, Collection<Instance> all) {
    if (hearers.remove(target) != null) {
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

  /** An instance is gone. */
  void forget(Instance instance) {
    careful.remove(instance);
  }
}

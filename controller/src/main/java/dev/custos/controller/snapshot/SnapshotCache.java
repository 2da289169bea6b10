package dev.custos.controller.snapshot;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.custos.snapshot.NodeSnapshot;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which generation of which resource is in the last few snapshots of each node: an agent's report
 * names the snapshot, and a status must say which spec it is about. The snapshots' content is not
 * kept, because it can be made again at any time. Thread-safe.
 */
public final class SnapshotCache {
  // A report is seldom more than one version behind; one that is further behind counts as none.
  private static final int VERSIONS_KEPT = 16;

  private final Map<String, Versions> nodes = new HashMap<>();

  /** The generations in each version, the newest version last. */
  private static final class Versions extends LinkedHashMap<String, Map<ResourceKey, Long>> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Map<ResourceKey, Long>> eldest) {
      return size() > VERSIONS_KEPT;
    }

    // Pods come and go more often than specs change: most versions differ in nothing here, and
    // have one map between them.
    Map<ResourceKey, Long> shared(Map<ResourceKey, Long> generations) {
      return values().stream()
          .filter(generations::equals)
          .findFirst()
          .orElseGet(() -> Map.copyOf(generations));
    }
  }

  /**
   * The node's snapshot is now this one.
   *
   * @param generations of every resource that selects a pod there. They may be new although the
   *     version is not: a spec can change without any effect on this node.
   * @return the resources of which this version held another generation before. What was reported
   *     of the version is now about the new one, and no further report will come.
   */
  public synchronized Set<ResourceKey> put(
      NodeSnapshot snapshot, Map<ResourceKey, Long> generations) {
    Versions versions = nodes.computeIfAbsent(snapshot.node(), n -> new Versions());
    Map<ResourceKey, Long> previous = versions.remove(snapshot.version());
    versions.put(snapshot.version(), versions.shared(generations));
    if (previous == null) {
      return Set.of();
    }
    return generations.keySet().stream()
        .filter(key -> !generations.get(key).equals(previous.get(key)))
        .collect(toUnmodifiableSet());
  }

  /** Which generation of a resource is in a snapshot; empty if it is not, or that is forgotten. */
  public synchronized OptionalLong generation(String node, String version, ResourceKey resource) {
    Versions versions = nodes.get(node);
    Long generation =
        versions == null ? null : versions.getOrDefault(version, Map.of()).get(resource);
    return generation == null ? OptionalLong.empty() : OptionalLong.of(generation);
  }

  /** The node has no agent. */
  public synchronized void forget(String node) {
    nodes.remove(node);
  }
}

package dev.custos.controller.snapshot;

import dev.custos.snapshot.NodeSnapshot;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The newest snapshot of each node, and of the last few which generation of which resource went
 * into it: an agent's report names the snapshot, and the status must say which spec it is about.
 * Thread-safe.
 */
public final class SnapshotCache {
  // A report is seldom more than one version behind; one that is further behind counts as none.
  private static final int VERSIONS_KEPT = 16;

  private final Map<String, Node> nodes = new HashMap<>();

  private static final class Node {
    private NodeSnapshot newest;
    private final Map<String, Map<ResourceKey, Long>> generations =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Map<ResourceKey, Long>> eldest) {
            return size() > VERSIONS_KEPT;
          }
        };
  }

  /**
   * The node's snapshot is now this one.
   *
   * @param generations of every resource that it was made of. They may be new although the version
   *     is not: a spec can change without any effect on this node.
   */
  public synchronized void put(NodeSnapshot snapshot, Map<ResourceKey, Long> generations) {
    Node node = nodes.computeIfAbsent(snapshot.node(), n -> new Node());
    node.newest = snapshot;
    node.generations.remove(snapshot.version());
    node.generations.put(snapshot.version(), Map.copyOf(generations));
  }

  public synchronized Optional<NodeSnapshot> newest(String node) {
    return Optional.ofNullable(nodes.get(node)).map(n -> n.newest);
  }

  /** Which generation of a resource is in a snapshot; empty if it is not, or that is forgotten. */
  public synchronized OptionalLong generation(String node, String version, ResourceKey resource) {
    Node known = nodes.get(node);
    Long generation =
        known == null ? null : known.generations.getOrDefault(version, Map.of()).get(resource);
    return generation == null ? OptionalLong.empty() : OptionalLong.of(generation);
  }

  /** Nobody asks for this node any more. */
  public synchronized void forget(String node) {
    nodes.remove(node);
  }
}

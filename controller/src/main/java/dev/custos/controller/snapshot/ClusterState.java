package dev.custos.controller.snapshot;

import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pods and resources, reduced to what snapshots and statuses need. Every change answers with whom
 * it concerns; a pod that no resource selects concerns nobody. Thread-safe.
 */
public final class ClusterState {
  // By uid, not by name: when a pod is made again under its old name, the old one's deletion may
  // be heard of after the new one's creation, and must not take the new one away.
  private final Map<String, PlacedPod> pods = new HashMap<>();
  private final Map<String, Set<String>> podsByNode = new HashMap<>();
  private final Map<String, Set<String>> podsByNamespace = new HashMap<>();
  private final Map<String, Map<ResourceKey, DesiredResource>> resourcesByNamespace =
      new HashMap<>();

  /** What a node's snapshot is made of. */
  public record NodeInput(List<DesiredResource> resources, List<PodOnNode> pods) {}

  /** A pod was added or is different now. */
  public synchronized ClusterChange put(PlacedPod pod) {
    PlacedPod previous = pods.put(pod.pod().uid(), pod);
    if (pod.equals(previous)) {
      return ClusterChange.NONE;
    }
    unindex(previous);
    if (!pod.node().isEmpty()) {
      add(podsByNode, pod.node(), pod.pod().uid());
    }
    add(podsByNamespace, pod.pod().namespace(), pod.pod().uid());
    return concerned(previous, pod);
  }

  /** A pod is gone, or has finished for good. */
  public synchronized ClusterChange removePod(String uid) {
    PlacedPod previous = pods.remove(uid);
    unindex(previous);
    return concerned(previous, null);
  }

  /** A resource was added or is different now. */
  public synchronized ClusterChange put(DesiredResource resource) {
    DesiredResource previous =
        resourcesByNamespace
            .computeIfAbsent(resource.manifest().namespace(), ns -> new LinkedHashMap<>())
            .put(resource.key(), resource);
    return resource.equals(previous)
        ? ClusterChange.NONE
        : concerned(resource.key(), previous, resource);
  }

  /** A resource is gone; nothing happens if another of the same name has taken its place. */
  public synchronized ClusterChange removeResource(ResourceKey key, String uid) {
    Map<ResourceKey, DesiredResource> neighbours =
        resourcesByNamespace.getOrDefault(key.namespace(), Map.of());
    DesiredResource previous = neighbours.get(key);
    if (previous == null || !previous.uid().equals(uid)) {
      return ClusterChange.NONE;
    }
    neighbours.remove(key);
    if (neighbours.isEmpty()) {
      resourcesByNamespace.remove(key.namespace());
    }
    return concerned(key, previous, null);
  }

  /** The pods of a node and the faultless resources of their namespaces. */
  public synchronized NodeInput node(String node) {
    List<PodOnNode> here = new ArrayList<>();
    Set<String> namespaces = new HashSet<>();
    for (String uid : podsByNode.getOrDefault(node, Set.of())) {
      PodOnNode pod = pods.get(uid).pod();
      here.add(pod);
      namespaces.add(pod.namespace());
    }
    List<DesiredResource> resources = new ArrayList<>();
    for (String namespace : namespaces) {
      resources(namespace).stream().filter(r -> r.fault().isEmpty()).forEach(resources::add);
    }
    return new NodeInput(resources, here);
  }

  public synchronized Optional<DesiredResource> resource(ResourceKey key) {
    return Optional.ofNullable(
        resourcesByNamespace.getOrDefault(key.namespace(), Map.of()).get(key));
  }

  /** The pods that a resource selects, scheduled or not. */
  public synchronized List<PlacedPod> selectedBy(DesiredResource resource) {
    List<PlacedPod> selected = new ArrayList<>();
    for (String uid : podsByNamespace.getOrDefault(resource.manifest().namespace(), Set.of())) {
      PlacedPod pod = pods.get(uid);
      if (resource.selects(pod)) {
        selected.add(pod);
      }
    }
    return selected;
  }

  private ClusterChange concerned(PlacedPod previous, PlacedPod next) {
    Set<String> nodes = new HashSet<>();
    Set<ResourceKey> keys = new HashSet<>();
    for (PlacedPod pod : new PlacedPod[] {previous, next}) {
      if (pod == null) {
        continue;
      }
      for (DesiredResource resource : resources(pod.pod().namespace())) {
        if (resource.selects(pod)) {
          keys.add(resource.key());
          if (!pod.node().isEmpty()) {
            nodes.add(pod.node());
          }
        }
      }
    }
    return new ClusterChange(nodes, keys);
  }

  private ClusterChange concerned(ResourceKey key, DesiredResource previous, DesiredResource next) {
    Set<String> nodes = new HashSet<>();
    for (String uid : podsByNamespace.getOrDefault(key.namespace(), Set.of())) {
      PlacedPod pod = pods.get(uid);
      boolean touched =
          (previous != null && previous.selects(pod)) || (next != null && next.selects(pod));
      if (touched && !pod.node().isEmpty()) {
        nodes.add(pod.node());
      }
    }
    return new ClusterChange(nodes, Set.of(key));
  }

  private Collection<DesiredResource> resources(String namespace) {
    return resourcesByNamespace.getOrDefault(namespace, Map.of()).values();
  }

  private void unindex(PlacedPod pod) {
    if (pod != null) {
      remove(podsByNode, pod.node(), pod.pod().uid());
      remove(podsByNamespace, pod.pod().namespace(), pod.pod().uid());
    }
  }

  private static void add(Map<String, Set<String>> index, String key, String uid) {
    index.computeIfAbsent(key, k -> new HashSet<>()).add(uid);
  }

  private static void remove(Map<String, Set<String>> index, String key, String uid) {
    index.computeIfPresent(
        key,
        (k, uids) -> {
          uids.remove(uid);
          return uids.isEmpty() ? null : uids;
        });
  }
}

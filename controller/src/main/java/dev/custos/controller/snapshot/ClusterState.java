package dev.custos.controller.snapshot;

import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Pods and resources, reduced to what snapshots and statuses need, and which resource selects which
 * pod. Every change answers with whom it concerns; a pod that no resource selects concerns nobody.
 * Thread-safe.
 *
 * <p>The work of a pod's change is that of this pod: the resources that may select it are found by
 * its labels, and its part of the snapshot is the only one that is made anew. The work of a
 * resource's change is that of the pods it selects, and, if its selector is another one, of a look
 * at its namespace's pods.
 */
public final class ClusterState {
  private static final class SelectedPod {
    private final PlacedPod placed;
    private final Set<Selecting> selecting = new LinkedHashSet<>();
    // What it contributes to its node's snapshot; null if that has to be made (again).
    private List<SnapshotBuilder.Part> parts;

    SelectedPod(PlacedPod placed) {
      this.placed = placed;
    }

    List<SnapshotBuilder.Part> parts(PartsOfPod maker) {
      if (parts == null) {
        parts = maker.of(placed.pod(), selecting.stream().map(s -> s.subjects).toList());
      }
      return parts;
    }
  }

  private static final class Selecting {
    private final ResourceKey key;
    private final Set<SelectedPod> pods = new LinkedHashSet<>();
    private DesiredResource resource;
    private SnapshotBuilder.Subjects subjects;

    Selecting(DesiredResource resource) {
      this.key = resource.key();
      set(resource);
    }

    void set(DesiredResource now) {
      resource = now;
      // What has a fault selects nothing, so that its subjects are never asked for.
      subjects = now.fault().isEmpty() ? SnapshotBuilder.subjectsOf(now.manifest()) : null;
    }
  }

  private static final class Namespace {
    private final Set<SelectedPod> pods = new LinkedHashSet<>();
    private final Map<ResourceKey, Selecting> resources = new LinkedHashMap<>();
    private final SelectorIndex<Selecting> selectors = new SelectorIndex<>();

    boolean isEmpty() {
      return pods.isEmpty() && resources.isEmpty();
    }
  }

  /** Makes a pod's part of a snapshot. */
  interface PartsOfPod {
    List<SnapshotBuilder.Part> of(
        SnapshotBuilder.PodOnNode pod, List<SnapshotBuilder.Subjects> subjects);
  }

  private final PartsOfPod maker;

  // By uid, not by name: when a pod is made again under its old name, the old one's deletion may
  // be heard of after the new one's creation, and must not take the new one away.
  private final Map<String, SelectedPod> pods = new HashMap<>();
  private final Map<String, Set<SelectedPod>> podsByNode = new HashMap<>();
  private final Map<String, Namespace> namespaces = new HashMap<>();

  /**
   * A node's snapshot and what it was made of.
   *
   * @param generations of the resources that select a pod there
   */
  public record NodeView(NodeSnapshot snapshot, Map<ResourceKey, Long> generations) {}

  public ClusterState() {
    this(SnapshotBuilder::partsOf);
  }

  /**
   * @param maker called once for each pod whose part has to be made anew
   */
  ClusterState(PartsOfPod maker) {
    this.maker = maker;
  }

  /** A pod was added or is different now. */
  public synchronized ClusterChange put(PlacedPod pod) {
    SelectedPod previous = pods.get(pod.uid());
    if (previous != null && previous.placed.equals(pod)) {
      return ClusterChange.NONE;
    }
    Concerned concerned = new Concerned();
    take(previous, concerned);
    SelectedPod next = new SelectedPod(pod);
    pods.put(pod.uid(), next);
    if (!pod.node().isEmpty()) {
      podsByNode.computeIfAbsent(pod.node(), n -> new LinkedHashSet<>()).add(next);
    }
    Namespace namespace = namespace(pod.pod().namespace());
    namespace.pods.add(next);
    for (Selecting candidate : namespace.selectors.candidates(pod.pod().labels())) {
      if (candidate.resource.selects(pod)) {
        candidate.pods.add(next);
        next.selecting.add(candidate);
      }
    }
    concerned.add(next);
    return concerned.change();
  }

  /** A pod is gone, or has finished for good. */
  public synchronized ClusterChange removePod(String uid) {
    Concerned concerned = new Concerned();
    take(pods.remove(uid), concerned);
    return concerned.change();
  }

  /** A resource was added or is different now. */
  public synchronized ClusterChange put(DesiredResource resource) {
    Namespace namespace = namespace(resource.manifest().namespace());
    Selecting known = namespace.resources.get(resource.key());
    if (known != null && known.resource.equals(resource)) {
      return ClusterChange.NONE;
    }
    Concerned concerned = new Concerned();
    concerned.keys.add(resource.key());
    if (known == null) {
      known = new Selecting(resource);
      namespace.resources.put(resource.key(), known);
      select(known, namespace);
    } else if (selectsAlike(known.resource, resource)) {
      known.set(resource);
    } else {
      concerned.addNodes(known.pods);
      withdraw(known, namespace);
      known.set(resource);
      select(known, namespace);
    }
    known.pods.forEach(pod -> pod.parts = null);
    concerned.addNodes(known.pods);
    return concerned.change();
  }

  /** A resource is gone; nothing happens if another of the same name has taken its place. */
  public synchronized ClusterChange removeResource(ResourceKey key, String uid) {
    Namespace namespace = namespaces.get(key.namespace());
    Selecting known = namespace == null ? null : namespace.resources.get(key);
    if (known == null || !known.resource.uid().equals(uid)) {
      return ClusterChange.NONE;
    }
    Concerned concerned = new Concerned();
    concerned.keys.add(key);
    concerned.addNodes(known.pods);
    withdraw(known, namespace);
    namespace.resources.remove(key);
    forgetIfEmpty(key.namespace());
    return concerned.change();
  }

  /** What a node has to watch and to guard now. */
  public NodeView node(String node) {
    List<SnapshotBuilder.Part> parts = new ArrayList<>();
    Map<ResourceKey, Long> generations = new HashMap<>();
    synchronized (this) {
      for (SelectedPod pod : podsByNode.getOrDefault(node, Set.of())) {
        parts.addAll(pod.parts(maker));
        pod.selecting.forEach(s -> generations.put(s.key, s.resource.generation()));
      }
    }
    return new NodeView(SnapshotBuilder.assemble(node, parts), generations);
  }

  /** The resources that select a pod of a node. */
  public synchronized Set<ResourceKey> selecting(String node) {
    Set<ResourceKey> keys = new HashSet<>();
    for (SelectedPod pod : podsByNode.getOrDefault(node, Set.of())) {
      pod.selecting.forEach(resource -> keys.add(resource.key));
    }
    return keys;
  }

  public synchronized Optional<DesiredResource> resource(ResourceKey key) {
    Namespace namespace = namespaces.get(key.namespace());
    return Optional.ofNullable(namespace == null ? null : namespace.resources.get(key))
        .map(known -> known.resource);
  }

  /** All resources that there are. */
  public synchronized Set<ResourceKey> resources() {
    Set<ResourceKey> keys = new HashSet<>();
    namespaces.values().forEach(namespace -> keys.addAll(namespace.resources.keySet()));
    return keys;
  }

  /** The pods that a resource selects, scheduled or not. */
  public synchronized List<PlacedPod> selectedBy(DesiredResource resource) {
    Namespace namespace = namespaces.get(resource.manifest().namespace());
    Selecting known = namespace == null ? null : namespace.resources.get(resource.key());
    return known == null ? List.of() : known.pods.stream().map(pod -> pod.placed).toList();
  }

  private static boolean selectsAlike(DesiredResource one, DesiredResource other) {
    return one.fault().isEmpty() == other.fault().isEmpty()
        && Objects.equals(one.manifest().selector(), other.manifest().selector());
  }

  private static void select(Selecting resource, Namespace namespace) {
    if (!resource.resource.fault().isEmpty()) {
      return;
    }
    namespace.selectors.add(resource.resource.manifest().selector(), resource);
    for (SelectedPod pod : namespace.pods) {
      if (resource.resource.selects(pod.placed)) {
        resource.pods.add(pod);
        pod.selecting.add(resource);
      }
    }
  }

  private static void withdraw(Selecting resource, Namespace namespace) {
    if (resource.resource.fault().isEmpty()) {
      namespace.selectors.remove(resource.resource.manifest().selector(), resource);
    }
    for (SelectedPod pod : resource.pods) {
      pod.selecting.remove(resource);
      pod.parts = null;
    }
    resource.pods.clear();
  }

  private void take(SelectedPod pod, Concerned concerned) {
    if (pod == null) {
      return;
    }
    concerned.add(pod);
    pod.selecting.forEach(resource -> resource.pods.remove(pod));
    podsByNode.computeIfPresent(
        pod.placed.node(),
        (node, here) -> {
          here.remove(pod);
          return here.isEmpty() ? null : here;
        });
    namespace(pod.placed.pod().namespace()).pods.remove(pod);
    forgetIfEmpty(pod.placed.pod().namespace());
  }

  private Namespace namespace(String name) {
    return namespaces.computeIfAbsent(name, n -> new Namespace());
  }

  private void forgetIfEmpty(String name) {
    namespaces.computeIfPresent(name, (n, namespace) -> namespace.isEmpty() ? null : namespace);
  }

  /** Gathers whom a change concerns. */
  private static final class Concerned {
    private final Set<String> nodes = new HashSet<>();
    private final Set<ResourceKey> keys = new HashSet<>();

    /** A pod concerns all that select it. */
    void add(SelectedPod pod) {
      if (!pod.selecting.isEmpty()) {
        addNodes(Set.of(pod));
        pod.selecting.forEach(resource -> keys.add(resource.key));
      }
    }

    void addNodes(Set<SelectedPod> selected) {
      for (SelectedPod pod : selected) {
        if (!pod.placed.node().isEmpty()) {
          nodes.add(pod.placed.node());
        }
      }
    }

    ClusterChange change() {
      return new ClusterChange(nodes, keys);
    }
  }
}

package dev.custos.snapshot;

import dev.custos.format.TemplateKind;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatchEvents;
import dev.custos.manifest.WatcherSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes of manifests and pods what a node has to watch and to guard. A pure function: equal input
 * in any order gives equal snapshots with equal versions.
 *
 * <p>The work of one pod is {@link #targetsOf}: whoever keeps snapshots current calls it for the
 * pod that changed, puts its targets in place of that pod's old ones and makes the snapshot by
 * {@link #assemble}. The manifests must be valid, as {@link dev.custos.manifest.ManifestReader}
 * gives them.
 */
public final class SnapshotBuilder {
  /**
   * A pod that runs on the node.
   *
   * @param containers those that have an id, so those that were started; init and ephemeral ones
   *     too
   */
  public record PodOnNode(
      String namespace,
      String name,
      String uid,
      Map<String, String> labels,
      List<ContainerOnNode> containers) {
    public PodOnNode {
      labels = Map.copyOf(labels);
      containers = List.copyOf(containers);
    }
  }

  /**
   * A container of a pod.
   *
   * @param id as {@code containerStatuses[].containerID} gives it
   */
  public record ContainerOnNode(String name, String id) {
    public ContainerOnNode {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(id, "id");
    }
  }

  private static final Comparator<NodeSnapshot.Target> BY_ID =
      Comparator.comparing(NodeSnapshot.Target::id)
          .thenComparing(NodeSnapshot.Target::namespace)
          .thenComparing(NodeSnapshot.Target::pod)
          .thenComparing(NodeSnapshot.Target::podUid)
          .thenComparing(NodeSnapshot.Target::container);

  private static final Comparator<NodeSnapshot.Owner> BY_OWNER =
      Comparator.comparing(NodeSnapshot.Owner::kind)
          .thenComparing(NodeSnapshot.Owner::namespace)
          .thenComparing(NodeSnapshot.Owner::name)
          .thenComparingInt(NodeSnapshot.Owner::index);

  private SnapshotBuilder() {}

  /** The snapshot of a node: a target for each container that any manifest selects. */
  public static NodeSnapshot build(
      String node, Collection<? extends Manifest> manifests, Collection<PodOnNode> pods) {
    List<NodeSnapshot.Target> targets = new ArrayList<>();
    for (PodOnNode pod : pods) {
      targets.addAll(targetsOf(pod, manifests));
    }
    return assemble(node, targets);
  }

  /**
   * The snapshot of a host without Kubernetes: one target, {@link NodeSnapshot#HOST}, with every
   * manifest's subjects. Selectors and namespaces select nothing here.
   *
   * @param hostName what {@code {pod}} prints
   * @param node what {@code {node}} prints
   */
  public static NodeSnapshot forHost(
      String hostName, String node, Collection<? extends Manifest> manifests) {
    NodeSnapshot.Target host =
        new NodeSnapshot.Target(
            NodeSnapshot.HOST,
            "",
            hostName,
            "",
            "",
            Map.of(),
            watches(manifests),
            guards(manifests));
    boolean idle = host.watches().isEmpty() && host.guards().isEmpty();
    return assemble(node, idle ? List.of() : List.of(host));
  }

  /**
   * What one pod contributes: a target for each of its containers, or nothing if no manifest
   * selects it. A manifest selects pods of its own namespace alone; one that names no namespace
   * stands in {@code default}.
   */
  public static List<NodeSnapshot.Target> targetsOf(
      PodOnNode pod, Collection<? extends Manifest> manifests) {
    List<Manifest> selecting = new ArrayList<>();
    for (Manifest manifest : manifests) {
      if (namespace(manifest).equals(pod.namespace())
          && manifest.selector().matches(pod.labels())) {
        selecting.add(manifest);
      }
    }
    List<NodeSnapshot.WatchSubject> watches = watches(selecting);
    List<NodeSnapshot.GuardSubject> guards = guards(selecting);
    if (watches.isEmpty() && guards.isEmpty()) {
      return List.of();
    }
    return pod.containers().stream()
        .map(
            container ->
                new NodeSnapshot.Target(
                    container.id(),
                    pod.namespace(),
                    pod.name(),
                    pod.uid(),
                    container.name(),
                    pod.labels(),
                    watches,
                    guards))
        .toList();
  }

  /**
   * A snapshot of targets in any order. Its version is a digest of its content. A container id
   * belongs to one container; where two pods claim it all the same (their status is data that
   * others may write), the one that is first by namespace, pod, uid and container keeps it.
   */
  public static NodeSnapshot assemble(String node, Collection<NodeSnapshot.Target> targets) {
    List<NodeSnapshot.Target> sorted = new ArrayList<>(targets);
    sorted.sort(BY_ID);
    List<NodeSnapshot.Target> distinct = new ArrayList<>(sorted.size());
    String last = null;
    for (NodeSnapshot.Target target : sorted) {
      if (!target.id().equals(last)) {
        distinct.add(target);
      }
      last = target.id();
    }
    return new NodeSnapshot(SnapshotDigest.of(node, distinct), node, distinct);
  }

  private static String namespace(Manifest manifest) {
    return manifest.namespace().isEmpty() ? "default" : manifest.namespace();
  }

  private static List<NodeSnapshot.WatchSubject> watches(Collection<? extends Manifest> manifests) {
    return manifests.stream()
        .filter(Manifest.Watcher.class::isInstance)
        .map(Manifest.Watcher.class::cast)
        .flatMap(SnapshotBuilder::watches)
        .sorted(Comparator.comparing(NodeSnapshot.WatchSubject::owner, BY_OWNER))
        .toList();
  }

  private static Stream<NodeSnapshot.WatchSubject> watches(Manifest.Watcher watcher) {
    List<NodeSnapshot.WatchSubject> subjects = new ArrayList<>();
    for (WatcherSpec.Subject subject : watcher.spec().subjects()) {
      subjects.add(
          new NodeSnapshot.WatchSubject(
              new NodeSnapshot.Owner(
                  watcher.kind(), watcher.namespace(), watcher.name(), subjects.size()),
              format(watcher.spec().logFormat(), TemplateKind.WATCH),
              subject.tags(),
              subject.paths(),
              changes(subject.events()),
              subject.ignore(),
              subject.onlyDir(),
              subject.recursive(),
              subject.maxDepth(),
              subject.followMove()));
    }
    return subjects.stream();
  }

  private static String format(String written, TemplateKind kind) {
    return written == null || written.isEmpty() ? kind.defaultText() : written;
  }

  private static Set<WatchEvents.Change> changes(List<String> words) {
    Set<WatchEvents.Change> changes = EnumSet.noneOf(WatchEvents.Change.class);
    words.forEach(word -> changes.addAll(WatchEvents.changes(word)));
    return changes;
  }

  private static List<NodeSnapshot.GuardSubject> guards(Collection<? extends Manifest> manifests) {
    return manifests.stream()
        .filter(Manifest.Guard.class::isInstance)
        .map(Manifest.Guard.class::cast)
        .flatMap(SnapshotBuilder::guards)
        .sorted(Comparator.comparing(NodeSnapshot.GuardSubject::owner, BY_OWNER))
        .toList();
  }

  private static Stream<NodeSnapshot.GuardSubject> guards(Manifest.Guard guard) {
    List<NodeSnapshot.GuardSubject> subjects = new ArrayList<>();
    for (GuardSpec.Subject subject : guard.spec().subjects()) {
      subjects.add(guard(guard, subject, subjects.size()));
    }
    return subjects.stream();
  }

  private static NodeSnapshot.GuardSubject guard(
      Manifest.Guard guard, GuardSpec.Subject subject, int index) {
    GuardSpec spec = guard.spec();
    AskedPermissions asked = AskedPermissions.by(subject.events());
    GuardSpec.Processes processes = subject.processes();
    return new NodeSnapshot.GuardSubject(
        new NodeSnapshot.Owner(guard.kind(), guard.namespace(), guard.name(), index),
        format(spec.logFormat(), TemplateKind.GUARD),
        subject.tags(),
        subject.allow(),
        subject.deny(),
        asked.permissions(),
        asked.leftOut(),
        subject.ignore(),
        subject.onlyDir(),
        subject.recursive(),
        subject.maxDepth(),
        subject.wholeMount(),
        subject.autoAllowOwner(),
        subject.audit(),
        "Observe".equals(spec.mode()),
        !"Denied".equals(spec.report()),
        processes == null ? List.of() : processes.executables(),
        processes == null ? List.of() : processes.uids());
  }
}

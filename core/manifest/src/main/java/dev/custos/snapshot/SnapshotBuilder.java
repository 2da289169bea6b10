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

/**
 * Makes of manifests and pods what a node has to watch and to guard. A pure function: equal input
 * in any order gives equal snapshots with equal versions.
 *
 * <p>Whoever keeps snapshots current need not build them anew: {@link #subjectsOf} is the work of
 * one manifest and {@link #partsOf} that of one pod, the digest of its content included. Both are
 * kept until that manifest or that pod changes, and {@link #assemble} puts kept parts together
 * without looking into them again. The manifests must be valid, as {@link
 * dev.custos.manifest.ManifestReader} gives them.
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

  /**
   * What one manifest asks for in every container that it selects. Shared by all of them: a
   * manifest that selects ten thousand pods has its subjects in memory once.
   */
  public record Subjects(
      List<NodeSnapshot.WatchSubject> watches, List<NodeSnapshot.GuardSubject> guards) {
    public Subjects {
      watches = List.copyOf(watches);
      guards = List.copyOf(guards);
    }
  }

  /**
   * A piece of a snapshot.
   *
   * @param digest of the target's content
   */
  public record Part(NodeSnapshot.Target target, String digest) {
    static Part of(NodeSnapshot.Target target) {
      return new Part(target, SnapshotDigest.of(target));
    }
  }

  private static final Comparator<Part> BY_ID =
      Comparator.comparing(
          Part::target,
          Comparator.comparing(NodeSnapshot.Target::id)
              .thenComparing(NodeSnapshot.Target::namespace)
              .thenComparing(NodeSnapshot.Target::pod)
              .thenComparing(NodeSnapshot.Target::podUid)
              .thenComparing(NodeSnapshot.Target::container));

  private static final Comparator<NodeSnapshot.Owner> BY_OWNER =
      Comparator.comparing(NodeSnapshot.Owner::kind)
          .thenComparing(NodeSnapshot.Owner::namespace)
          .thenComparing(NodeSnapshot.Owner::name)
          .thenComparingInt(NodeSnapshot.Owner::index);

  private SnapshotBuilder() {}

  /** The snapshot of a node: a target for each container that any manifest selects. */
  public static NodeSnapshot build(
      String node, Collection<? extends Manifest> manifests, Collection<PodOnNode> pods) {
    List<Part> parts = new ArrayList<>();
    for (PodOnNode pod : pods) {
      List<Subjects> selecting =
          manifests.stream().filter(m -> selects(m, pod)).map(SnapshotBuilder::subjectsOf).toList();
      parts.addAll(partsOf(pod, selecting));
    }
    return assemble(node, parts);
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
    Subjects all = merged(manifests.stream().map(SnapshotBuilder::subjectsOf).toList());
    NodeSnapshot.Target host =
        new NodeSnapshot.Target(
            NodeSnapshot.HOST, "", hostName, "", "", Map.of(), all.watches(), all.guards());
    return assemble(node, isIdle(all) ? List.of() : List.of(Part.of(host)));
  }

  /**
   * Whether a manifest selects a pod: of its own namespace alone. One that names no namespace
   * stands in {@code default}.
   */
  private static boolean selects(Manifest manifest, PodOnNode pod) {
    String namespace = manifest.namespace().isEmpty() ? "default" : manifest.namespace();
    return namespace.equals(pod.namespace()) && manifest.selector().matches(pod.labels());
  }

  /** What a manifest asks for, its words expanded and its defaults filled in. */
  public static Subjects subjectsOf(Manifest manifest) {
    if (manifest instanceof Manifest.Watcher watcher) {
      return new Subjects(watches(watcher), List.of());
    }
    return new Subjects(List.of(), guards((Manifest.Guard) manifest));
  }

  /**
   * What one pod contributes: a part for each of its containers, or nothing if nothing is asked
   * for.
   *
   * @param selecting of the manifests that select this pod, in any order
   */
  public static List<Part> partsOf(PodOnNode pod, Collection<Subjects> selecting) {
    Subjects subjects = merged(selecting);
    if (isIdle(subjects)) {
      return List.of();
    }
    return pod.containers().stream()
        .map(
            container ->
                Part.of(
                    new NodeSnapshot.Target(
                        container.id(),
                        pod.namespace(),
                        pod.name(),
                        pod.uid(),
                        container.name(),
                        pod.labels(),
                        subjects.watches(),
                        subjects.guards())))
        .toList();
  }

  /**
   * A snapshot of parts in any order. Its version is a digest of its content. A container id
   * belongs to one container; where two pods claim it all the same (their status is data that
   * others may write), the one that is first by namespace, pod, uid and container keeps it.
   */
  public static NodeSnapshot assemble(String node, Collection<Part> parts) {
    List<Part> sorted = new ArrayList<>(parts);
    sorted.sort(BY_ID);
    List<NodeSnapshot.Target> targets = new ArrayList<>(sorted.size());
    List<String> digests = new ArrayList<>(sorted.size());
    String last = null;
    for (Part part : sorted) {
      if (!part.target().id().equals(last)) {
        targets.add(part.target());
        digests.add(part.digest());
      }
      last = part.target().id();
    }
    return new NodeSnapshot(SnapshotDigest.of(node, digests), node, targets);
  }

  private static boolean isIdle(Subjects subjects) {
    return subjects.watches().isEmpty() && subjects.guards().isEmpty();
  }

  private static Subjects merged(Collection<Subjects> several) {
    if (several.size() == 1) {
      return several.iterator().next();
    }
    return new Subjects(
        several.stream()
            .flatMap(s -> s.watches().stream())
            .sorted(Comparator.comparing(NodeSnapshot.WatchSubject::owner, BY_OWNER))
            .toList(),
        several.stream()
            .flatMap(s -> s.guards().stream())
            .sorted(Comparator.comparing(NodeSnapshot.GuardSubject::owner, BY_OWNER))
            .toList());
  }

  private static List<NodeSnapshot.WatchSubject> watches(Manifest.Watcher watcher) {
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
    return subjects;
  }

  private static String format(String written, TemplateKind kind) {
    return written == null || written.isEmpty() ? kind.defaultText() : written;
  }

  private static Set<WatchEvents.Change> changes(List<String> words) {
    Set<WatchEvents.Change> changes = EnumSet.noneOf(WatchEvents.Change.class);
    words.forEach(word -> changes.addAll(WatchEvents.changes(word)));
    return changes;
  }

  private static List<NodeSnapshot.GuardSubject> guards(Manifest.Guard guard) {
    List<NodeSnapshot.GuardSubject> subjects = new ArrayList<>();
    for (GuardSpec.Subject subject : guard.spec().subjects()) {
      subjects.add(guard(guard, subject, subjects.size()));
    }
    return subjects;
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

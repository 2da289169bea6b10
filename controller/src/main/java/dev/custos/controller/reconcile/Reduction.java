package dev.custos.controller.reconcile;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.FimWatcher;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** From the API server's objects to the little of them that matters here. Pure. */
final class Reduction {
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private Reduction() {}

  /** Empty if all its containers have ended for good. */
  static Optional<PlacedPod> pod(Pod pod) {
    PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    if (FINISHED.contains(Optional.ofNullable(status.getPhase()).orElse(""))) {
      return Optional.empty();
    }
    String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
    ObjectMeta meta = pod.getMetadata();
    Map<String, String> labels = meta.getLabels();
    return Optional.of(
        new PlacedPod(
            node == null ? "" : node,
            new PodOnNode(
                meta.getNamespace(),
                meta.getName(),
                meta.getUid(),
                labels == null ? Map.of() : labels,
                runningContainers(status))));
  }

  // Readiness is not waited for: what a container does before it is ready is of interest too.
  private static List<ContainerOnNode> runningContainers(PodStatus status) {
    return Stream.of(
            status.getInitContainerStatuses(),
            status.getContainerStatuses(),
            status.getEphemeralContainerStatuses())
        .flatMap(List::stream)
        .filter(Reduction::isRunning)
        .map(c -> new ContainerOnNode(c.getName(), c.getContainerID()))
        .toList();
  }

  private static boolean isRunning(ContainerStatus container) {
    String id = container.getContainerID();
    return id != null
        && !id.isEmpty()
        && container.getState() != null
        && container.getState().getRunning() != null;
  }

  static DesiredResource resource(ArgusWatcher watcher) {
    return watcher("ArgusWatcher", watcher.getMetadata(), watcher.getSpec());
  }

  static DesiredResource resource(FimWatcher watcher) {
    return watcher("FimWatcher", watcher.getMetadata(), watcher.getSpec());
  }

  static DesiredResource resource(JanusGuard guard) {
    ObjectMeta meta = guard.getMetadata();
    GuardSpec spec = guard.getSpec();
    return resource(
        new Manifest.Guard("JanusGuard", meta.getNamespace(), meta.getName(), spec),
        meta,
        fault(spec.logFormat(), TemplateKind.GUARD));
  }

  private static DesiredResource watcher(String kind, ObjectMeta meta, WatcherSpec spec) {
    return resource(
        new Manifest.Watcher(kind, meta.getNamespace(), meta.getName(), spec),
        meta,
        fault(spec.logFormat(), TemplateKind.WATCH));
  }

  private static DesiredResource resource(Manifest manifest, ObjectMeta meta, String formatFault) {
    String fault =
        manifest.selector().matchExpressions().stream()
            .map(LabelSelector.Requirement::operator)
            .filter(operator -> !LabelSelector.OPERATORS.contains(operator))
            .map(operator -> "spec.selector.matchExpressions: no such operator: " + operator)
            .findFirst()
            .orElse(formatFault);
    return new DesiredResource(manifest, meta.getUid(), generation(meta), fault);
  }

  private static String fault(String logFormat, TemplateKind kind) {
    if (logFormat == null || logFormat.isEmpty()) {
      return "";
    }
    try {
      LineTemplate.parse(logFormat, kind);
      return "";
    } catch (TemplateException e) {
      return "spec.logFormat: " + e.getMessage();
    }
  }

  private static long generation(ObjectMeta meta) {
    return meta.getGeneration() == null ? 0 : meta.getGeneration();
  }
}

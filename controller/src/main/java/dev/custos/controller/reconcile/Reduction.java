package dev.custos.controller.reconcile;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.FimWatcher;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.manifest.Fault;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.manifest.ReadResult;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** From the API server's objects to the little of them that matters here. Pure. */
final class Reduction {
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private static final String MIRROR = "kubernetes.io/config.mirror";
  // The kubelet's MD5 of the pod's manifest, without the dashes of a uid that the API server gives.
  private static final Pattern MIRRORED = Pattern.compile("[0-9a-f]{32}");

  // Fields that were absent are null, empty or 0 in the spec, and must be absent again; a label's
  // or
  // tag's empty value must stay.
  private static final ObjectMapper AS_WRITTEN =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.ALWAYS))
          .build();

  private Reduction() {}

  /** Empty if all its containers have ended for good, or if it is an agent's own. */
  static Optional<PlacedPod> pod(Pod pod, AgentAccount agents) {
    if (agents.runs(pod)) {
      return Optional.empty();
    }
    PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    if (FINISHED.contains(Optional.ofNullable(status.getPhase()).orElse(""))) {
      return Optional.empty();
    }
    String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
    ObjectMeta meta = pod.getMetadata();
    Map<String, String> labels = meta.getLabels();
    return Optional.of(
        new PlacedPod(
            meta.getUid(),
            node == null ? "" : node,
            new PodOnNode(
                meta.getNamespace(),
                meta.getName(),
                uidOfCgroups(meta),
                labels == null ? Map.of() : labels,
                runningContainers(status))));
  }

  /**
   * What the kubelet names the pod's cgroup after. A static pod is the kubelet's own, and its
   * object at the API server, made later, has a uid that the kubelet does not use; an annotation of
   * the object holds the one that it does.
   *
   * <p>Who may make pods may write annotations, too: only what can be no object's uid is taken, so
   * that nobody passes for a pod that is not static.
   */
  private static String uidOfCgroups(ObjectMeta meta) {
    Map<String, String> annotations = meta.getAnnotations();
    String mirrored = annotations == null ? null : annotations.get(MIRROR);
    boolean isStatic =
        mirrored != null
            && MIRRORED.matcher(mirrored).matches()
            && meta.getOwnerReferences().stream().anyMatch(owner -> "Node".equals(owner.getKind()));
    return isStatic ? mirrored : meta.getUid();
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
    return read(watcher, watcher("ArgusWatcher", watcher.getMetadata(), watcher.getSpec()));
  }

  static DesiredResource resource(FimWatcher watcher) {
    return read(watcher, watcher("FimWatcher", watcher.getMetadata(), watcher.getSpec()));
  }

  static DesiredResource resource(JanusGuard guard) {
    ObjectMeta meta = guard.getMetadata();
    return read(
        guard,
        new Manifest.Guard("JanusGuard", meta.getNamespace(), meta.getName(), guard.getSpec()));
  }

  private static Manifest watcher(String kind, ObjectMeta meta, WatcherSpec spec) {
    return new Manifest.Watcher(kind, meta.getNamespace(), meta.getName(), spec);
  }

  /**
   * Reads the resource as a file of it would be read, so that the same things are faults, and the
   * same defaults are filled in, in a cluster and on a host.
   *
   * @param asStored what stands for the resource if it has a fault
   */
  private static DesiredResource read(CustomResource<?, ?> resource, Manifest asStored) {
    ObjectMeta meta = resource.getMetadata();
    ReadResult read = ManifestReader.read("", json(resource));
    String faults =
        read.faults().stream()
            .filter(Fault::isError)
            .map(fault -> fault.field() + ": " + fault.message())
            .collect(joining("; "));
    Manifest manifest = read.manifests().isEmpty() ? asStored : read.manifests().get(0);
    return new DesiredResource(manifest, meta.getUid(), generation(meta), faults);
  }

  private static String json(CustomResource<?, ?> resource) {
    ObjectMeta meta = resource.getMetadata();
    try {
      return AS_WRITTEN.writeValueAsString(
          Map.of(
              "apiVersion", resource.getApiVersion(),
              "kind", resource.getKind(),
              "metadata", Map.of("namespace", meta.getNamespace(), "name", meta.getName()),
              "spec", resource.getSpec()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long generation(ObjectMeta meta) {
    return meta.getGeneration() == null ? 0 : meta.getGeneration();
  }
}

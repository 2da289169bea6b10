package dev.custos.controller.status;

import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.SnapshotCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The numbers of a resource's status.
 *
 * @param generation of the spec that they are about
 * @param observable pods that the selector matches
 * @param served those of them in which a path is watched or guarded, by an agent that has applied
 *     this very generation
 */
public record PodCounts(long generation, int observable, int served) {
  static PodCounts of(
      DesiredResource resource, ClusterState state, SnapshotCache cache, NodeReports reports) {
    List<PlacedPod> selected = state.selectedBy(resource);
    Map<String, NodeReports.Served> nodes = new HashMap<>();
    int served = 0;
    for (PlacedPod pod : selected) {
      NodeReports.Served here =
          nodes.computeIfAbsent(pod.node(), n -> current(n, resource, cache, reports));
      if (pod.pod().containers().stream().anyMatch(c -> here.containers().contains(c.id()))) {
        served++;
      }
    }
    return new PodCounts(resource.generation(), selected.size(), served);
  }

  private static NodeReports.Served current(
      String node, DesiredResource resource, SnapshotCache cache, NodeReports reports) {
    NodeReports.Served served = reports.served(node, resource.key());
    OptionalLong generation = cache.generation(node, served.version(), resource.key());
    boolean aboutThisSpec =
        generation.isPresent() && generation.getAsLong() == resource.generation();
    return aboutThisSpec ? served : new NodeReports.Served(served.version(), Set.of());
  }
}

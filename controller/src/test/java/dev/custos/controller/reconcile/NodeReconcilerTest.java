package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NodeReconcilerTest {
  private static final ResourceKey WATCHER = new ResourceKey("ArgusWatcher", "default", "w");

  private final ClusterState state = new ClusterState();
  private final SnapshotCache cache = new SnapshotCache();
  private final List<NodeSnapshot> sent = new ArrayList<>();
  private final List<ResourceKey> reinterpreted = new ArrayList<>();
  private final NodeReconciler reconciler =
      new NodeReconciler(
          state, cache, node -> node.equals("node-1"), sent::add, reinterpreted::add);

  @Test
  void aSpecThatChangesWithoutEffectMakesTheEarlierReportSpeakForIt() {
    state.put(
        new PlacedPod(
            "node-1",
            new PodOnNode(
                "default", "p", "u", Map.of(), List.of(new ContainerOnNode("main", "id")))));
    state.put(watcher(1));
    reconciler.handle("node-1");
    assertThat(reinterpreted).isEmpty();
    state.put(watcher(2));
    reconciler.handle("node-1");
    assertThat(sent).hasSize(2);
    assertThat(sent.get(1)).isEqualTo(sent.get(0));
    assertThat(reinterpreted).containsExactly(WATCHER);
    assertThat(cache.generation("node-1", sent.get(0).version(), WATCHER))
        .isEqualTo(OptionalLong.of(2));
  }

  @Test
  void nothingIsMadeForANodeWithoutAnAgent() {
    reconciler.handle("node-2");
    assertThat(sent).isEmpty();
  }

  private static DesiredResource watcher(long generation) {
    WatcherSpec spec =
        new WatcherSpec(
            null,
            null,
            List.of(
                new WatcherSpec.Subject(
                    List.of("/a"), List.of("modify"), null, false, false, 0, false, null)));
    return new DesiredResource(
        new Manifest.Watcher("ArgusWatcher", "default", "w", spec), "u1", generation, "");
  }
}

package dev.custos.controller.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
  private static final Map<String, String> WEB = Map.of("app", "web");

  private static final WatcherSpec.Subject SUBJECT =
      new WatcherSpec.Subject(List.of("/a"), List.of("modify"), null, false, false, 0, false, null);

  private final ClusterState state = new ClusterState();

  @Test
  void aPodConcernsItsNodeOnlyIfAResourceOfItsNamespaceSelectsIt() {
    state.put(watcher("default", "w", "u1", 1));
    assertThat(state.put(pod("p1", "n1", "default", WEB)).nodes()).containsExactly("n1");
    assertThat(state.put(pod("p2", "n2", "other", WEB))).isEqualTo(ClusterChange.NONE);
    assertThat(state.put(pod("p3", "n3", "default", Map.of()))).isEqualTo(ClusterChange.NONE);
  }

  @Test
  void aPodThatLosesItsLabelStillConcernsItsNode() {
    state.put(watcher("default", "w", "u1", 1));
    state.put(pod("p1", "n1", "default", WEB));
    assertThat(state.put(pod("p1", "n1", "default", Map.of())).nodes()).containsExactly("n1");
    assertThat(state.put(pod("p1", "n1", "default", Map.of()))).isEqualTo(ClusterChange.NONE);
  }

  @Test
  void anUnscheduledPodCountsButConcernsNoNode() {
    DesiredResource watcher = watcher("default", "w", "u1", 1);
    state.put(watcher);
    ClusterChange change = state.put(pod("p1", "", "default", WEB));
    assertThat(change.nodes()).isEmpty();
    assertThat(change.resources()).containsExactly(watcher.key());
    assertThat(state.selectedBy(watcher)).hasSize(1);
  }

  @Test
  void theLateDeletionOfAnOldPodOrResourceLeavesItsSuccessorInPlace() {
    DesiredResource successor = watcher("default", "w", "u2", 1);
    state.put(watcher("default", "w", "u1", 1));
    state.put(successor);
    assertThat(state.removeResource(successor.key(), "u1")).isEqualTo(ClusterChange.NONE);
    state.put(pod("old", "n1", "default", WEB));
    state.put(pod("new", "n1", "default", WEB));
    state.removePod("old");
    assertThat(state.node("n1").snapshot().targets())
        .extracting(NodeSnapshot.Target::podUid)
        .containsExactly("new");
    assertThat(state.node("n1").generations()).containsOnlyKeys(successor.key());
  }

  @Test
  void aResourceConcernsTheNodesOfPodsItSelectsOrSelected() {
    state.put(pod("p1", "n1", "default", WEB));
    state.put(pod("p2", "n2", "default", Map.of("app", "db")));
    state.put(pod("p3", "n3", "default", Map.of()));
    DesiredResource watcher = watcher("default", "w", "u1", 1);
    assertThat(state.put(watcher).nodes()).containsExactly("n1");
    assertThat(state.put(resource("default", "w", "u1", 2, Map.of("app", "db"), "")).nodes())
        .containsExactlyInAnyOrder("n1", "n2");
    assertThat(state.removeResource(watcher.key(), "u1").nodes()).containsExactly("n2");
    assertThat(state.node("n2").generations()).isEmpty();
  }

  @Test
  void aResourceWithAFaultIsInNoSnapshotAndWithdrawsWhatItWasBefore() {
    state.put(pod("p1", "n1", "default", WEB));
    state.put(watcher("default", "w", "u1", 1));
    ClusterChange change = state.put(resource("default", "w", "u1", 2, WEB, "spec.logFormat: no"));
    assertThat(change.nodes()).isEqualTo(Set.of("n1"));
    assertThat(state.node("n1").generations()).isEmpty();
  }

  @Test
  void aStaticPodsNewObjectOutlivesTheLateDeletionOfItsOldOne() {
    // The kubelet makes its object at the API server anew, for the same pod with the same cgroup.
    PodOnNode pod = pod("hash", "n1", "default", WEB).pod();
    state.put(watcher("default", "w", "u1", 1));
    state.put(new PlacedPod("old", "n1", pod));
    state.put(new PlacedPod("new", "n1", pod));
    state.removePod("old");
    assertThat(state.node("n1").snapshot().targets())
        .extracting(NodeSnapshot.Target::podUid)
        .containsExactly("hash");
    assertThat(state.removePod("new").nodes()).containsExactly("n1");
    assertThat(state.node("n1").snapshot().targets()).isEmpty();
  }

  @Test
  void aPodsChangeCostsTheWorkOfThatPodHoweverLargeTheClusterIs() {
    List<String> made = new ArrayList<>();
    ClusterState counted =
        new ClusterState(
            (pod, subjects) -> {
              made.add(pod.uid());
              assertThat(subjects).hasSize(1);
              return SnapshotBuilder.partsOf(pod, subjects);
            });
    for (int i = 0; i < 200; i++) {
      Map<String, String> labels = Map.of("app", "a" + i);
      counted.put(resource("default", "w" + i, "u" + i, 1, labels, ""));
      counted.put(pod("p" + i, "n" + i % 2, "default", labels));
    }
    assertThat(counted.node("n0").snapshot().targets()).hasSize(100);
    assertThat(counted.node("n1").snapshot().targets()).hasSize(100);
    made.clear();

    ClusterChange change = counted.put(pod("another", "n0", "default", Map.of("app", "a7")));

    assertThat(change.nodes()).containsExactly("n0");
    assertThat(change.resources()).extracting(ResourceKey::name).containsExactly("w7");
    assertThat(counted.node("n0").snapshot().targets()).hasSize(101);
    assertThat(counted.node("n1").snapshot().targets()).hasSize(100);
    assertThat(made).containsExactly("another");
  }

  @Test
  void onlySelectorsThatDemandALabelOfThePodAreAskedAboutIt() {
    SelectorIndex<String> index = new SelectorIndex<>();
    for (int i = 0; i < 200; i++) {
      index.add(new LabelSelector(Map.of("app", "a" + i), List.of()), "w" + i);
    }
    index.add(LabelSelector.EVERYTHING, "all");
    assertThat(index.candidates(Map.of("app", "a7", "tier", "front")))
        .containsExactlyInAnyOrder("w7", "all");
  }

  private static PlacedPod pod(
      String uid, String node, String namespace, Map<String, String> labels) {
    return new PlacedPod(
        node,
        new PodOnNode(
            namespace, "pod", uid, labels, List.of(new ContainerOnNode("main", "id-" + uid))));
  }

  private static DesiredResource watcher(String namespace, String name, String uid, long number) {
    return resource(namespace, name, uid, number, WEB, "");
  }

  private static DesiredResource resource(
      String namespace,
      String name,
      String uid,
      long generation,
      Map<String, String> labels,
      String fault) {
    return new DesiredResource(
        new Manifest.Watcher(
            "ArgusWatcher",
            namespace,
            name,
            new WatcherSpec(new LabelSelector(labels, List.of()), null, List.of(SUBJECT))),
        uid,
        generation,
        fault);
  }
}

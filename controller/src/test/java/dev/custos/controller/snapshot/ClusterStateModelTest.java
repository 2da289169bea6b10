package dev.custos.controller.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.LabelSelector.Requirement;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random changes, each followed by a comparison with what a from-scratch build makes of a plain
 * list of the same pods and resources. Long with {@code -Dcustos.long=true}.
 */
@Timeout(600)
class ClusterStateModelTest {
  private static final int CHANGES = 200;
  private static final boolean LONG = Boolean.getBoolean("custos.long");

  private static final List<String> NODES = List.of("n0", "n1", "n2", "n3");
  private static final List<String> NAMESPACES = List.of("default", "shop");
  private static final List<String> KEYS = List.of("app", "tier");
  private static final List<String> VALUES = List.of("a", "b", "c", "");

  static LongStream seeds() {
    return LongStream.range(0, LONG ? 3000 : 12);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void afterEveryChangeTheSnapshotsAreThoseOfABuildFromScratch(long seed) {
    Model model = new Model(new Random(seed));
    for (int i = 0; i < CHANGES; i++) {
      Map<String, String> before = model.versions();
      ClusterChange change = model.change();
      model.compare();
      Map<String, String> after = model.versions();
      assertThat(change.nodes())
          .as("nodes of which the change says that they are concerned, after %s", model.last)
          .containsAll(NODES.stream().filter(n -> !before.get(n).equals(after.get(n))).toList());
    }
  }

  private static final class Model {
    private final Random random;
    private final ClusterState state = new ClusterState();
    private final Map<String, PlacedPod> pods = new LinkedHashMap<>();
    private final Map<ResourceKey, DesiredResource> resources = new LinkedHashMap<>();
    private int made;
    private String last = "";

    Model(Random random) {
      this.random = random;
    }

    ClusterChange change() {
      int kind = random.nextInt(10);
      if (kind < 3) {
        return putPod("uid-" + made++);
      }
      if (kind < 6 && !pods.isEmpty()) {
        return putPod(any(List.copyOf(pods.keySet())));
      }
      if (kind == 6 && !pods.isEmpty()) {
        String uid = any(List.copyOf(pods.keySet()));
        pods.remove(uid);
        last = "removal of pod " + uid;
        return state.removePod(uid);
      }
      if (kind == 7 && !resources.isEmpty()) {
        return removeResource(any(List.copyOf(resources.values())));
      }
      return putResource();
    }

    private ClusterChange putPod(String uid) {
      PlacedPod old = pods.get(uid);
      List<ContainerOnNode> containers = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        // Now and then an id that another pod has, too.
        containers.add(new ContainerOnNode("c" + i, "id-" + random.nextInt(200)));
      }
      PlacedPod pod =
          new PlacedPod(
              // A pod stays on the node that it was once given to.
              old == null || old.node().isEmpty()
                  ? random.nextInt(4) == 0 ? "" : any(NODES)
                  : old.node(),
              new PodOnNode(
                  old == null ? any(NAMESPACES) : old.pod().namespace(),
                  "pod-" + uid,
                  uid,
                  labels(),
                  containers));
      pods.put(uid, pod);
      last = "" + pod;
      return state.put(pod);
    }

    private ClusterChange removeResource(DesiredResource resource) {
      boolean late = random.nextInt(4) == 0;
      last = "removal of " + resource.key() + (late ? " under an old uid" : "");
      if (late) {
        return state.removeResource(resource.key(), "another uid");
      }
      resources.remove(resource.key());
      return state.removeResource(resource.key(), resource.uid());
    }

    private ClusterChange putResource() {
      String namespace = any(NAMESPACES);
      String name = "r" + random.nextInt(5);
      Manifest manifest = random.nextBoolean() ? watcher(namespace, name) : guard(namespace, name);
      DesiredResource resource =
          new DesiredResource(
              manifest, "uid-" + made++, random.nextInt(3), random.nextInt(6) == 0 ? "no" : "");
      resources.put(resource.key(), resource);
      last = "" + resource;
      return state.put(resource);
    }

    private Manifest watcher(String namespace, String name) {
      return new Manifest.Watcher(
          "ArgusWatcher",
          namespace,
          name,
          new WatcherSpec(
              selector(),
              null,
              List.of(
                  new WatcherSpec.Subject(
                      List.of("/" + any(VALUES)),
                      List.of(any(List.of("open", "modify"))),
                      null,
                      false,
                      false,
                      0,
                      false,
                      null))));
    }

    private Manifest guard(String namespace, String name) {
      return new Manifest.Guard(
          "JanusGuard",
          namespace,
          name,
          new GuardSpec(
              selector(),
              null,
              null,
              null,
              List.of(
                  new GuardSpec.Subject(
                      List.of("/" + any(VALUES)),
                      null,
                      List.of("open"),
                      false,
                      false,
                      false,
                      false,
                      false,
                      0,
                      null,
                      null,
                      null))));
    }

    private LabelSelector selector() {
      return switch (random.nextInt(4)) {
        case 0 -> LabelSelector.EVERYTHING;
        case 1 -> new LabelSelector(labels(), List.of());
        default -> {
          String operator = any(List.copyOf(LabelSelector.OPERATORS).stream().sorted().toList());
          List<String> values =
              operator.endsWith("In") ? Stream.of(any(VALUES), any(VALUES)).toList() : List.of();
          yield new LabelSelector(
              random.nextBoolean() ? Map.of() : labels(),
              List.of(new Requirement(any(KEYS), operator, values)));
        }
      };
    }

    private Map<String, String> labels() {
      Map<String, String> labels = new HashMap<>();
      for (String key : KEYS) {
        if (random.nextBoolean()) {
          labels.put(key, any(VALUES));
        }
      }
      return labels;
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    Map<String, String> versions() {
      Map<String, String> versions = new HashMap<>();
      NODES.forEach(node -> versions.put(node, state.node(node).snapshot().version()));
      return versions;
    }

    void compare() {
      List<Manifest> manifests =
          resources.values().stream()
              .filter(r -> r.fault().isEmpty())
              .map(DesiredResource::manifest)
              .toList();
      for (String node : NODES) {
        List<PodOnNode> here =
            pods.values().stream().filter(p -> p.node().equals(node)).map(PlacedPod::pod).toList();
        NodeSnapshot expected = SnapshotBuilder.build(node, manifests, here);
        assertThat(state.node(node).snapshot()).as("after %s", last).isEqualTo(expected);
      }
      assertThat(state.resources()).isEqualTo(resources.keySet());
      for (DesiredResource resource : resources.values()) {
        assertThat(state.selectedBy(resource))
            .as("pods that %s selects, after %s", resource, last)
            .containsExactlyInAnyOrderElementsOf(
                pods.values().stream()
                    .filter(p -> p.pod().namespace().equals(resource.manifest().namespace()))
                    .filter(resource::selects)
                    .toList());
      }
    }
  }
}

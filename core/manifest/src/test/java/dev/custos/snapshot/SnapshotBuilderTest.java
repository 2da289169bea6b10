package dev.custos.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.manifest.ReadResult;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SnapshotBuilderTest {
  private static final List<Manifest> MANIFESTS =
      List.of(
          watcher("a", subject("/a", "open")),
          watcher("b", subject("/b", "modify"), subject("/c", "all")),
          new Manifest.Guard(
              "JanusGuard",
              "shop",
              "g",
              new GuardSpec(
                  null,
                  null,
                  null,
                  null,
                  List.of(
                      new GuardSpec.Subject(
                          List.of("/x"),
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
                          Map.of("k", "v", "a", "b", "z", "y"))))));

  private static Manifest watcher(String name, WatcherSpec.Subject... subjects) {
    return new Manifest.Watcher(
        "ArgusWatcher", "shop", name, new WatcherSpec(null, null, List.of(subjects)));
  }

  private static WatcherSpec.Subject subject(String path, String event) {
    return new WatcherSpec.Subject(
        List.of(path), List.of(event), null, false, false, 0, false, null);
  }

  private static PodOnNode pod(String name, String... ids) {
    List<ContainerOnNode> containers = new ArrayList<>();
    for (String id : ids) {
      containers.add(new ContainerOnNode("c" + containers.size(), id));
    }
    return new PodOnNode("shop", name, "uid-" + name, Map.of(), containers);
  }

  private static final List<PodOnNode> PODS =
      List.of(pod("p", "1"), pod("q", "2", "3"), pod("r", "4"), pod("s"));

  @Property
  void theOrderOfTheInputChangesNothing(@ForAll long seed) {
    List<Manifest> manifests = new ArrayList<>(MANIFESTS);
    List<PodOnNode> pods = new ArrayList<>(PODS);
    Collections.shuffle(manifests, new Random(seed));
    Collections.shuffle(pods, new Random(seed));

    assertThat(SnapshotBuilder.build("n", manifests, pods))
        .isEqualTo(SnapshotBuilder.build("n", MANIFESTS, PODS));
  }

  @Property
  void puttingOnePodsPartsInPlaceIsAsGoodAsBuildingAnew(@ForAll @Size(max = 6) List<Byte> changed) {
    List<SnapshotBuilder.Subjects> subjects =
        MANIFESTS.stream().map(SnapshotBuilder::subjectsOf).toList();
    List<PodOnNode> pods = new ArrayList<>(PODS);
    List<SnapshotBuilder.Part> parts = new ArrayList<>();
    pods.forEach(pod -> parts.addAll(SnapshotBuilder.partsOf(pod, subjects)));
    for (byte change : changed) {
      int at = Math.floorMod(change, pods.size());
      PodOnNode old = pods.get(at);
      PodOnNode replaced = pod(old.name(), old.name() + change);
      parts.removeIf(part -> part.target().podUid().equals(old.uid()));
      parts.addAll(SnapshotBuilder.partsOf(replaced, subjects));
      pods.set(at, replaced);

      assertThat(SnapshotBuilder.assemble("n", parts))
          .isEqualTo(SnapshotBuilder.build("n", MANIFESTS, pods));
    }
  }

  @Test
  void anyDifferenceIsAnotherVersion() {
    Set<String> versions = new HashSet<>();
    List<Manifest> others =
        List.of(
            watcher("a", subject("/a", "open")),
            watcher("a", subject("/a", "modify")),
            watcher("a", subject("/b", "open")),
            watcher("b", subject("/a", "open")),
            watcher("a", subject("/a", "open"), subject("/a", "open")));
    for (Manifest manifest : others) {
      versions.add(SnapshotBuilder.build("n", List.of(manifest), PODS).version());
    }
    versions.add(SnapshotBuilder.build("m", List.of(others.get(0)), PODS).version());
    versions.add(SnapshotBuilder.build("n", List.of(others.get(0)), PODS.subList(0, 1)).version());

    assertThat(versions).hasSize(7).allMatch(version -> version.matches("[0-9a-f]{64}"));
  }

  @Test
  void theVersionIsTheSameInEveryRun() {
    // Sets and maps of the JDK iterate in another order in each run; the digest must not.
    assertThat(SnapshotBuilder.build("n", MANIFESTS, PODS).version())
        .isEqualTo("89c3cf32256984da73a88d3744da91b60341683c936f98dcc4e63793edd4902f");
  }

  @Test
  void tagsArePrintedInOneOrder() {
    NodeSnapshot.GuardSubject guard =
        SnapshotBuilder.build("n", MANIFESTS, PODS).targets().get(0).guards().get(0);

    assertThat(guard.tags().toString()).isEqualTo("{a=b, k=v, z=y}");
  }

  @Test
  void aContainerIdThatTwoPodsClaimIsServedOnce() {
    List<PodOnNode> pods = List.of(pod("q", "1"), pod("p", "1"));

    assertThat(SnapshotBuilder.build("n", MANIFESTS, pods).targets())
        .singleElement()
        .extracting(NodeSnapshot.Target::pod)
        .isEqualTo("p");
  }

  @Test
  void aPodThatNobodySelectsHasNoTarget() {
    PodOnNode elsewhere =
        new PodOnNode("other", "p", "u", Map.of(), List.of(new ContainerOnNode("c", "1")));

    assertThat(SnapshotBuilder.build("n", MANIFESTS, List.of(elsewhere)).targets()).isEmpty();
    assertThat(SnapshotBuilder.partsOf(elsewhere, List.of())).isEmpty();
    assertThat(SnapshotBuilder.forHost("h", "n", List.of()).targets()).isEmpty();
  }

  @Test
  void whatTheReaderAcceptsCanBeBuilt() {
    ReadResult read =
        ManifestReader.read(
            "x.yaml",
            """
            apiVersion: januscontroller.clustergarage.io/v1alpha1
            kind: JanusGuard
            metadata: {name: g}
            spec: {subjects: [{deny: [/a]}]}
            """);

    assertThat(SnapshotBuilder.forHost("h", "n", read.manifests()).targets().get(0).guards())
        .singleElement()
        .extracting(NodeSnapshot.GuardSubject::events)
        .isEqualTo(Set.of(NodeSnapshot.Permission.OPEN_PERM, NodeSnapshot.Permission.ACCESS_PERM));
  }
}

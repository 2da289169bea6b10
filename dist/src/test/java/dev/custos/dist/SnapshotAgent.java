package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.link.SnapshotStore;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * {@code custos agent} on the node {@code node-1} that does what the snapshot says which it finds
 * on its disk, so that no controller is needed.
 */
final class SnapshotAgent {
  /** Watches {@code %s}, in every container. */
  static final String WATCHER =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        logFormat: "{event} {path}{sep}{file} {namespace}/{pod}/{container}@{node}"
        subjects:
          - paths: [%s]
            events: [create]
            recursive: true
      """;

  /** Denies {@code %s}, in every container. */
  static final String GUARD =
      """
      apiVersion: januscontroller.clustergarage.io/v1alpha1
      kind: JanusGuard
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        logFormat: "{allow} {path} {namespace}/{pod}/{container}"
        subjects:
          - deny: [%s]
            events: [open]
      """;

  private SnapshotAgent() {}

  /** As the controller makes it, of pods whose names are {@code web-0}, {@code web-1} and so on. */
  static NodeSnapshot snapshot(String manifests, RunningContainer... containers) {
    List<PodOnNode> pods = new ArrayList<>();
    for (RunningContainer container : containers) {
      pods.add(pod("web-" + pods.size(), Map.of("app", "web"), container));
    }
    return snapshot(manifests, pods);
  }

  /** As the controller makes it, of pods such as {@link #pod}. */
  static NodeSnapshot snapshot(String manifests, List<PodOnNode> pods) {
    List<Manifest> read = List.copyOf(ManifestReader.read("", manifests).manifests());
    assertThat(read).isNotEmpty();
    return SnapshotBuilder.build("node-1", read, pods);
  }

  /** One of the namespace {@code shop} whose only container is {@code main}. */
  static PodOnNode pod(String name, Map<String, String> labels, RunningContainer container) {
    List<ContainerOnNode> main = List.of(new ContainerOnNode("main", container.containerId()));
    return new PodOnNode("shop", name, container.podUid(), labels, main);
  }

  /** How to start it with this state directory. */
  static List<String> command(Path state, NodeSnapshot snapshot, String... options)
      throws IOException {
    new SnapshotStore(Files.createDirectories(state)).save(snapshot);
    List<String> command = new ArrayList<>(List.of(Distribution.launcher().toString(), "agent"));
    // Nobody listens there.
    command.addAll(List.of("--controller", "127.0.0.1:1", "--insecure", "--node", "node-1"));
    command.addAll(List.of("--state", state.toString(), "--metrics", "off"));
    command.addAll(List.of(options));
    return command;
  }

  /** Starts it with this state directory. */
  static CustosProcess start(Path state, NodeSnapshot snapshot, String... options)
      throws IOException {
    return CustosProcess.start(Map.of(), command(state, snapshot, options));
  }

  /** Waits for a line on stdout. */
  static void awaitLine(CustosProcess custos, String what, Predicate<String> line) {
    await(what)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () ->
                assertThat(custos.out().stream().anyMatch(line))
                    .as("stdout: %s; stderr: %s", custos.out(), custos.err())
                    .isTrue());
  }

  /** Makes files until one is told of: from then on the container is watched. */
  static void awaitWatched(CustosProcess custos, RunningContainer container, String folder)
      throws IOException {
    Path inside = container.file(folder);
    int[] count = {0};
    await("events of " + container.id() + "; stderr: " + custos.err())
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              String name = container.id().substring(0, 6) + "-" + count[0]++;
              Files.createFile(inside.resolve(name));
              return custos.out().stream()
                  .anyMatch(line -> line.contains(container.id().substring(0, 6) + "-"));
            });
  }
}

package dev.custos.controller.server.simulation;

import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a cluster of a given size might hold: pods spread over the nodes and over one namespace for
 * every twenty watchers, each selected by one watcher of two subjects.
 */
record SimulatedCluster(int nodes, int pods, int watchers) {
  private static final int WATCHERS_PER_NAMESPACE = 20;

  List<String> nodeNames() {
    return IntStream.range(0, nodes).mapToObj(SimulatedCluster::node).toList();
  }

  private static String node(int number) {
    return "node-" + number;
  }

  private String namespace(int watcher) {
    return "namespace-" + watcher / WATCHERS_PER_NAMESPACE;
  }

  /**
   * A pod on the node that its number falls on; numbers beyond {@link #pods} are of pods that come
   * later.
   */
  PlacedPod pod(int number) {
    int watcher = number % watchers;
    String name = "app-" + watcher + "-7d4b9c6f5-" + Integer.toString(number, 36);
    return new PlacedPod(
        node(number % nodes),
        new PodOnNode(
            namespace(watcher),
            name,
            "%08x-0000-4000-8000-%012x".formatted(number, number),
            Map.of(
                "app", "app-" + watcher,
                "pod-template-hash", "7d4b9c6f5",
                "app.kubernetes.io/managed-by", "nobody"),
            List.of(new ContainerOnNode("main", container(number)))));
  }

  /** The id of that pod's container. */
  static String container(int number) {
    return "containerd://%064x".formatted(number);
  }

  /**
   * @param generation each one asks for something else
   */
  DesiredResource watcher(int number, long generation) {
    WatcherSpec spec =
        new WatcherSpec(
            new LabelSelector(Map.of("app", "app-" + number), List.of()),
            null,
            List.of(
                subject(List.of("/etc/app-" + generation, "/usr/local/bin"), "modify"),
                subject(List.of("/var/lib/app"), "create")));
    return new DesiredResource(
        new Manifest.Watcher("ArgusWatcher", namespace(number), "watcher-" + number, spec),
        "watcher-uid-" + number,
        generation,
        "");
  }

  private static WatcherSpec.Subject subject(List<String> paths, String event) {
    return new WatcherSpec.Subject(
        paths, List.of(event), List.of(".git"), false, true, 0, false, Map.of("team", "none"));
  }
}

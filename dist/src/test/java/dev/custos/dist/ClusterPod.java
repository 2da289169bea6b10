package dev.custos.dist;

import static org.awaitility.Awaitility.await;

import dev.custos.controller.cli.Kubelet;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A pod with one container, {@code main}, which is real. It plays the kubelet's part for it. */
final class ClusterPod {
  private static final String COUNT =
      "mkdir /count; i=0; while :; do i=$((i+1)); : >/count/n$i; usleep 100000; done";

  /** So that each file is new. */
  private static final AtomicInteger FILES = new AtomicInteger(1000);

  private final Cluster cluster;
  private final String namespace;
  private final String name;
  private RunningContainer container;

  private ClusterPod(Cluster cluster, String namespace, String name) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.name = name;
  }

  /** One whose container has made these directories, and sleeps. It is said to run. */
  static ClusterPod run(
      Cluster cluster, String namespace, String name, String node, String app, String directories)
      throws Exception {
    String script = "mkdir -p " + directories + " && exec sleep 3600";
    return run(cluster, namespace, name, node, app, request -> request.script(script));
  }

  /** One that makes a file in {@code /count} ten times a second, {@code n1}, {@code n2}, ... */
  static ClusterPod runCounting(Cluster cluster, String namespace, String name, String node)
      throws Exception {
    return run(cluster, namespace, name, node, "count", request -> request.script(COUNT));
  }

  /** A watcher whose lines {@link ClusterAgent#numbers} reads. */
  static String countWatcher() {
    return """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: count}
        spec:
          selector: {matchLabels: {app: count}}
          logFormat: "counted {pod} {file}"
          subjects: [{paths: [/count], events: [create]}]
        """;
  }

  static ClusterPod run(
      Cluster cluster,
      String namespace,
      String name,
      String node,
      String app,
      UnaryOperator<ContainerRequest> wishes)
      throws Exception {
    ClusterPod pod = new ClusterPod(cluster, namespace, name);
    Pod made =
        cluster
            .admin()
            .resource(Kubelet.pod(namespace, name, node, Map.of("app", app)))
            // There already if it was asked for before, and no answer came.
            .createOr(there -> there.update());
    pod.container =
        wishes.apply(cluster.runtime().container().inPod(made.getMetadata().getUid())).run();
    pod.sayItRuns();
    return pod;
  }

  /** What a kubelet writes into the status, about the container that runs now. */
  void sayItRuns() {
    Pod pod = cluster.admin().pods().inNamespace(namespace).withName(name).get();
    cluster.admin().resource(Kubelet.running(pod, container.containerId())).patchStatus();
  }

  RunningContainer container() {
    return container;
  }

  /** Its next container runs when this returns; {@link #sayItRuns} tells the cluster. */
  void restartContainer() throws IOException, InterruptedException {
    container = container.restart();
  }

  void relabel(String app) throws Exception {
    cluster.api().kubectl("label", "--overwrite", "-n", namespace, "pod", name, "app=" + app);
  }

  /** The object goes with its container. */
  void delete() throws IOException, InterruptedException {
    cluster.admin().pods().inNamespace(namespace).withName(name).withGracePeriod(0).delete();
    container.remove();
  }

  /** Makes files in a directory of it until one is told of by a new line that begins so. */
  void awaitLine(ClusterAgent agent, String path, String start) {
    long before = count(agent, start);
    await("a line that begins with " + start)
        .atMost(Cluster.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              Files.createFile(container.file(path + "/f" + FILES.incrementAndGet()));
              return count(agent, start) > before;
            });
  }

  private static long count(ClusterAgent agent, String start) {
    return agent.out().stream().filter(line -> line.startsWith(start)).count();
  }

  RunningContainer.Exec sh(String script) throws IOException, InterruptedException {
    return container.sh(script);
  }
}

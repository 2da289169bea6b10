package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.cli.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/**
 * A cluster of what is real and what is shipped: etcd, kube-apiserver, the distribution's manifests
 * with their roles, its controller as a process, its agents as processes, and containers. Only the
 * kubelet and the scheduler are missing: {@link ClusterPod} says in their place which container
 * runs where. Nodes are all this machine, under different names.
 */
final class Cluster implements AutoCloseable {
  /** Far more than anything here takes, so that only a hang reaches it. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Pattern METRICS = Pattern.compile("metrics and health are on port (\\d+)");

  private final Path directory;
  private final List<ClusterAgent> agents = new ArrayList<>();
  private ContainerdRuntime runtime;
  private KubeApi api;
  private KubernetesClient admin;
  private Path account;
  private int port;
  private CustosProcess controller;
  private CustosProcess standby;

  private Cluster(Path directory) {
    this.directory = directory;
  }

  /** Starts all but agents. Skips the test where something for it is missing, but for CI. */
  static Cluster start(Path directory) throws Exception {
    Cluster cluster = new Cluster(directory);
    try {
      cluster.startAll();
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void startAll() throws Exception {
    runtime = ContainerdRuntime.start();
    api = KubeApi.start(directory.resolve("api"));
    admin = api.client();
    String shipped = Distribution.home().resolve("kubernetes").toString();
    api.kubectl("apply", "--validate=strict", "-f", shipped + "/crds", "-f", shipped);
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=90s");
    account = api.kubeconfig(api.controllerToken());
    port = RsyslogEndpoint.freePort(new SplittableRandom());
    startController();
  }

  /** Starts the controller where agents look for it, and returns when it lets them in. */
  void startController() throws IOException {
    controller = launchController();
    awaitLeading();
  }

  /** Starts another replica, which stands by for as long as the first one leads. */
  void startStandby() throws IOException {
    standby = launchController();
  }

  /** Kills the replica that leads, and leaves everything to the other, sooner or later. */
  void killLeader() throws InterruptedException {
    killController();
    controller = standby;
  }

  private CustosProcess launchController() throws IOException {
    return CustosProcess.start(
        Map.of("KUBECONFIG", account.toString()),
        List.of(
            Distribution.home().resolve("bin/custos-controller").toString(),
            "run",
            "--port",
            Integer.toString(port),
            "--metrics-port",
            "0",
            "--tls-name",
            "localhost"));
  }

  private void awaitLeading() {
    CustosProcess started = controller;
    Awaitility.await("the controller leads")
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(started.isAlive()).as("%s", started.err()).isTrue();
              return started.err().stream().anyMatch(line -> line.startsWith("ready: "));
            });
  }

  /** As kill -9 does. */
  void killController() throws InterruptedException {
    controller.close();
    controller.awaitExit();
  }

  CustosProcess controller() {
    return controller;
  }

  KubeApi api() {
    return api;
  }

  KubernetesClient admin() {
    return admin;
  }

  ContainerdRuntime runtime() {
    return runtime;
  }

  int controllerPort() {
    return port;
  }

  /** What the controller tells agents to trust. */
  Path authority() throws IOException {
    ConfigMap published =
        admin.configMaps().inNamespace("custos").withName("custos-controller-ca").get();
    return Files.writeString(directory.resolve("ca.crt"), published.getData().get("ca.crt"));
  }

  /** An agent on a node of this name, with an identity there. It runs when this returns. */
  ClusterAgent agent(String node, String sinks) throws IOException {
    return agent(node, sinks, false, Optional.empty());
  }

  /** As {@link #agent}, in a container as the DaemonSet describes it. */
  ClusterAgent agentInPod(String node, String sinks) throws IOException {
    return agent(node, sinks, true, Optional.empty());
  }

  /** As {@link #agent}, in a network of its own. */
  ClusterAgent agentIn(NodeNetwork network, String node, String sinks) throws IOException {
    return agent(node, sinks, false, Optional.of(network));
  }

  private ClusterAgent agent(
      String node, String sinks, boolean inPod, Optional<NodeNetwork> network) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(node));
    ClusterAgent agent = ClusterAgent.start(this, folder, node, sinks, inPod, network);
    agents.add(agent);
    return agent;
  }

  void namespace(String name) throws Exception {
    api.kubectl("create", "namespace", name);
  }

  /** Applies a manifest as it is, with kubectl. */
  String apply(String namespace, String manifest) throws Exception {
    Path file = Files.createTempFile(directory, "manifest", ".yaml");
    Files.writeString(file, manifest);
    return api.kubectl("apply", "--validate=strict", "-n", namespace, "-f", file.toString());
  }

  /** One of the reference systems' examples, as they are in the controller's tests. */
  static String example(String file) throws IOException {
    try (InputStream stream = KubeApi.class.getResourceAsStream("/examples/" + file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** How a resource stands, or why nobody can say yet. */
  ResourceView view(String kind, String namespace, String name) {
    String group =
        Map.of(
                "ArgusWatcher", "arguscontroller",
                "FimWatcher", "fimcontroller",
                "JanusGuard", "januscontroller")
            .get(kind);
    GenericKubernetesResource found =
        admin
            .genericKubernetesResources(group + ".clustergarage.io/v1alpha1", kind)
            .inNamespace(namespace)
            .withName(name)
            .get();
    return ResourceView.of(found);
  }

  /**
   * Waits until its status is about this generation, and says this in {@link ResourceView}'s words.
   */
  void awaitStatus(String kind, String namespace, String name, String text) {
    eventually(kind + " " + name, () -> assertThat(view(kind, namespace, name)).hasToString(text));
  }

  /** Waits until it no longer fails; the API server may be away for a while. */
  void eventually(String what, ThrowingRunnable assertion) {
    try {
      Awaitility.await(what)
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .untilAsserted(assertion);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          e.getMessage() + "\ncontroller: " + controller.err() + "\nagents: " + agents, e);
    }
  }

  /** The controller's page of metrics. */
  String metrics() throws IOException, InterruptedException {
    Matcher said = METRICS.matcher(String.join("\n", controller.err()));
    assertThat(said.find()).isTrue();
    URI page = URI.create("http://127.0.0.1:" + said.group(1) + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    agents.forEach(ClusterAgent::kill);
    if (standby != null) {
      standby.close();
    }
    if (controller != null) {
      controller.close();
    }
    if (admin != null) {
      admin.close();
    }
    if (api != null) {
      api.close();
    }
    if (runtime != null) {
      runtime.close();
    }
  }
}

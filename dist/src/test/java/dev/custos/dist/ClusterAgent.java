package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code custos agent} of the distribution, as the DaemonSet starts it: with TLS, and with a token
 * that is bound to the pod it is said to run in. It can be killed and started again.
 */
final class ClusterAgent {
  private static final String ACCOUNT = "custos-agent";

  private final Cluster cluster;
  private final Path directory;
  private final String node;
  private final boolean inPod;
  private final Optional<NodeNetwork> network;
  private int starts;
  private CustosProcess process;

  private ClusterAgent(
      Cluster cluster, Path directory, String node, boolean inPod, Optional<NodeNetwork> network) {
    this.cluster = cluster;
    this.directory = directory;
    this.node = node;
    this.inPod = inPod;
    this.network = network;
  }

  /**
   * Starts one.
   *
   * @param inPod whether in a container such as {@link AgentBundle} describes, instead of as a
   *     process of the machine
   * @param network what a process of the machine is in; empty for the machine's own
   */
  static ClusterAgent start(
      Cluster cluster,
      Path directory,
      String node,
      String sinks,
      boolean inPod,
      Optional<NodeNetwork> network)
      throws IOException {
    ClusterAgent agent = new ClusterAgent(cluster, directory, node, inPod, network);
    Path token = Files.writeString(agent.volume("token").resolve("token"), agent.token());
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    Files.copy(cluster.authority(), agent.volume("ca").resolve("ca.crt"));
    Files.writeString(
        agent.volume("conf").resolve("custos.conf"),
        """
        custos {
          metrics.address = off
          # Longer than a busy machine lets it stand still; what happens then is another test's.
          guard.deadline = 1m
          %s
          sinks { %s }
        }
        """
            .formatted(inPod ? "" : "state.directory = \"" + agent.volume("state") + "\"", sinks));
    agent.startAgain();
    return agent;
  }

  /** What is mounted into the agent's pod under this name. */
  private Path volume(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  /** As a kubelet asks for one to project it into a pod. */
  private String token() {
    Pod pod =
        cluster
            .admin()
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace("custos")
                    .withName(ACCOUNT + "-" + node)
                    .endMetadata()
                    .withNewSpec()
                    .withNodeName(node)
                    .withServiceAccountName(ACCOUNT)
                    .addNewContainer()
                    .withName("agent")
                    .withImage("none")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    return cluster
        .admin()
        .serviceAccounts()
        .inNamespace("custos")
        .withName(ACCOUNT)
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences("custos")
                .withExpirationSeconds(3600L)
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endBoundObjectRef()
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  /** Starts it over what it left in its state folder. */
  void startAgain() throws IOException {
    starts++;
    process = inPod ? startInPod() : startOnMachine();
  }

  private CustosProcess startOnMachine() throws IOException {
    String host = network.map(NodeNetwork::host).orElse("localhost");
    return CustosProcess.custosBehind(
        network.map(NodeNetwork::enter).orElse(List.of()),
        "agent",
        "--controller",
        host + ":" + cluster.controllerPort(),
        "--server-name",
        "localhost",
        "--inspect",
        "2s",
        "--ca",
        volume("ca").resolve("ca.crt").toString(),
        "--token",
        volume("token").resolve("token").toString(),
        "--node",
        node,
        "-c",
        volume("conf").resolve("custos.conf").toString());
  }

  private CustosProcess startInPod() throws IOException {
    String id = ContainerdRuntime.newId();
    Path bundle = directory.resolve("bundle-" + starts);
    AgentBundle.write(
        bundle,
        cluster.admin(),
        cluster.runtime().cgroup(ACCOUNT + "-" + node) + "/" + id,
        node,
        "localhost:" + cluster.controllerPort(),
        Map.of(
            "conf", volume("conf"),
            "ca", volume("ca"),
            "token", volume("token"),
            "state", volume("state")));
    return cluster.runtime().runc("run", "--bundle", bundle.toString(), id);
  }

  /** Asks it to end, as the kubelet does, and returns its exit status. */
  int stop() throws IOException, InterruptedException {
    process.signal("TERM");
    return process.awaitExit();
  }

  /** Kills it together with its watchdog, as the end of a pod does. */
  void kill() {
    process.killAll();
  }

  /** The process that watches and guards, or, as long as there is none, its launcher. */
  long pid() {
    return process.jvm();
  }

  /** Lines of stdout since it was started last. */
  List<String> out() {
    return process.out();
  }

  /** Lines of stderr since it was started last. */
  List<String> err() {
    return process.err();
  }

  void awaitLine(String line) {
    cluster.eventually("line " + line, () -> assertThat(process.out()).contains(line));
  }

  /** The files that a counting pod made and this agent told of, by number. */
  List<Integer> numbers(String pod) {
    Pattern line = Pattern.compile("counted " + pod + " n(\\d+)");
    List<Integer> numbers = new ArrayList<>();
    for (String told : process.out()) {
      Matcher match = line.matcher(told);
      if (match.matches()) {
        numbers.add(Integer.valueOf(match.group(1)));
      }
    }
    return numbers;
  }

  /** Waits for one that is not told yet, and so for everything before it. */
  void awaitMoreNumbers(String pod) {
    int before = numbers(pod).size();
    cluster.eventually(
        "events of " + pod, () -> assertThat(numbers(pod)).hasSizeGreaterThan(before));
  }

  /** What is told to be missing of counting pods since it was started last. */
  List<String> losses() {
    return process.out().stream()
        .filter(line -> line.startsWith("counted") && line.contains("reason="))
        .toList();
  }

  /** Nothing of a counting pod is missing since the first that was told. */
  void assertNoGap(String pod) {
    List<Integer> numbers = numbers(pod);
    assertThat(numbers).isNotEmpty();
    for (int i = 1; i < numbers.size(); i++) {
      assertThat(numbers.get(i))
          .as("after %s", numbers.get(i - 1))
          .isEqualTo(numbers.get(i - 1) + 1);
    }
  }

  @Override
  public String toString() {
    List<String> out = process.out();
    return node
        + ": "
        + process.err()
        + " "
        + out.subList(Math.max(0, out.size() - 40), out.size());
  }
}

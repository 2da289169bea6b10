package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Applied;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.EventCount;
import dev.custos.protocol.v1.EventCounts;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.Refused;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statuses and Kubernetes events as the program writes them with exactly the shipped roles, and as
 * kubectl shows them. Each test has a namespace of its own.
 */
@Timeout(400)
@ExtendWith(SharedKubeApi.class)
class StatusOnRealApiServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Pattern METRICS = Pattern.compile("metrics and health are on port (\\d+)");

  @TempDir static Path directory;

  private static KubeApi api;
  private static ControllerProcess controller;
  private static ManagedChannel channel;

  private String namespace;
  private String node;

  @BeforeAll
  static void start(KubeApi shared) throws Exception {
    api = shared;
    controller = ControllerProcess.start(api.kubeconfig(api.controllerToken()));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (controller != null) {
      controller.close();
    }
  }

  @BeforeEach
  void makeNamespace(TestInfo test) throws Exception {
    String hash = Integer.toHexString(test.getDisplayName().hashCode());
    namespace = "ns-" + hash;
    node = "node-" + hash;
    api.kubectl("create", "namespace", namespace);
  }

  @Test
  void aStatusFollowsWhatAgentsReportAndEventsTellOfIt() throws Exception {
    apply(watcher("w", "", "[/srv, /data]"));
    makePod("p1");
    awaitText(
        "agent of node " + node + " not connected",
        () -> field("{.status.coverage.notActive[*].reason}"));
    assertThat(field("{.status.coverage.requested} {.status.coverage.pending}")).isEqualTo("2 2");
    FakeAgent agent = FakeAgent.of(node, channel);
    NodeSnapshot snapshot = agent.awaitSnapshot(s -> s.targets().size() == 1);
    failed(agent, snapshot, "openat2(\"/data\"): ENOENT");
    awaitText("2", () -> field("{.status.coverage.failed}"));
    assertThat(condition("Degraded")).isEqualTo("True PathsFailed");
    assertThat(condition("Ready")).isEqualTo("False PathsFailed");
    assertThat(field("{.status.coverage.notActive[0]['pod','path','reason']}"))
        .isEqualTo("p1 /data openat2(\"/data\"): ENOENT");
    agent.coverageChanged(snapshot, CoverageState.COVERAGE_STATE_ACTIVE);
    api.kubectl("wait", "-n", namespace, "aw/w", "--for=condition=Ready", "--timeout=90s");
    assertThat(condition("Degraded")).isEqualTo("False AsExpected");
    assertThat(field("{.status.coverage.active} {.status.watchedPods}")).isEqualTo("2 1");
    lost(agent);
    api.kubectl("delete", "pod", "-n", namespace, "p1", "--force", "--grace-period=0");
    awaitText("NoPods", () -> condition("Ready"));
    for (String reason : List.of("Degraded", "Recovered", "Added", "Lost", "Removed")) {
      awaitText(reason, this::events);
    }
    assertThat(events())
        .containsPattern("Warning +Degraded +arguswatcher/w +2 failed of 2 paths; first /data")
        .containsPattern("Normal +Recovered +arguswatcher/w ")
        .containsPattern("Normal +Added +arguswatcher/w +watching pod p1")
        .containsPattern("Normal +Removed +arguswatcher/w +no longer watching pod p1")
        .containsPattern("Warning +Lost +arguswatcher/w +events are missing: on node " + node);
    agent.hangUp();
  }

  @Test
  void whatOnlyTheControllerCanKnowIsACondition() throws Exception {
    apply(watcher("w", "logFormat: \"{evnt}\"", "[/srv]"));
    apply(
        """
        apiVersion: januscontroller.clustergarage.io/v1alpha1
        kind: JanusGuard
        metadata: {name: g, namespace: %s}
        spec:
          selector: {matchLabels: {app: web}}
          subjects: [{deny: [/srv], events: [open, modify]}]
        """
            .formatted(namespace));
    awaitText("False InvalidSpec", () -> condition("Accepted"));
    assertThat(field("{.status.conditions[?(@.type==\"Accepted\")].message}"))
        .contains("spec.logFormat", "evnt");
    String accepted = "{.status.conditions[?(@.type==\"Accepted\")]['reason','message']}";
    awaitText("EventsLeftOut", () -> of("jg/g", accepted));
    assertThat(of("jg/g", accepted)).contains("spec.subjects[0].events: modify");
  }

  @Test
  void aRefusedSnapshotIsAConditionThatNamesTheNodeAndTheReason() throws Exception {
    apply(watcher("w", "", "[/srv]"));
    makePod("p1");
    FakeAgent agent = FakeAgent.of(node, channel);
    NodeSnapshot refused = agent.awaitSnapshot(s -> s.targets().size() == 1);
    agent.send(
        AgentMessage.newBuilder()
            .setRefused(
                Refused.newBuilder()
                    .setVersion(refused.version())
                    .setReason("targets[0].watches: unknown mode"))
            .build());
    awaitText("True SnapshotRefused", () -> condition("Degraded"));
    assertThat(field("{.status.coverage.failed} {.status.watchedPods}")).isEqualTo("1 0");
    assertThat(field("{.status.coverage.notActive[0].reason}"))
        .isEqualTo(
            "the agent of node "
                + node
                + " refuses its snapshot: targets[0].watches: unknown mode");
    apply(watcher("w", "", "[/data]"));
    NodeSnapshot next = agent.awaitSnapshot(s -> !s.version().equals(refused.version()));
    agent.applied(next, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitText("False AsExpected", () -> condition("Degraded"));
    assertThat(field("{.status.coverage.active} {.status.watchedPods}")).isEqualTo("1 1");
    agent.hangUp();
  }

  @Test
  void somebodyElsesChangeMeanwhileIsAConflictThatIsResolved() throws Exception {
    apply(watcher("w", "", "[/srv]"));
    awaitText("NoPods", () -> condition("Ready"));
    long before = conflicts();
    api.kubectl("annotate", "-n", namespace, "aw/w", "note=changed");
    api.kubectl(
        "patch",
        "-n",
        namespace,
        "aw/w",
        "--subresource=status",
        "--type=json",
        "-p",
        """
        [{"op": "add", "path": "/status/conditions/-", "value": {"type": "Reviewed",
          "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "ByHand",
          "message": ""}}]
        """);
    makePod("p1");
    awaitText("False PathsPending", () -> condition("Ready"));
    assertThat(conflicts()).isGreaterThan(before);
    assertThat(condition("Reviewed")).isEqualTo("True ByHand");
    assertThat(page("/metrics"))
        .containsPattern("custos_api_errors_total\\{code=\"409\",verb=\"patch\"} [1-9]");
    assertThat(field("{.status.observablePods}")).isEqualTo("1");
  }

  @Test
  void kubectlShowsAndExplainsStatuses() throws Exception {
    apply(watcher("w", "", "[/srv]"));
    awaitText("NoPods", () -> condition("Ready"));
    List<String> wide =
        api.kubectl("get", "aw", "-n", namespace, "-o", "wide").lines().map(String::strip).toList();
    assertThat(wide.get(0)).matches("NAME +OBSERVABLE +WATCHED +READY");
    assertThat(wide.get(1)).matches("w +0 +0 +True");
    awaitText(
        "Why it is not active",
        () -> api.kubectl("explain", "arguswatchers.status.coverage.notActive.reason"));
    awaitText(
        "When the status last changed",
        () -> api.kubectl("explain", "janusguards.status.conditions.lastTransitionTime"));
  }

  @Test
  void metricsAndHealthAreServedBesides() throws Exception {
    apply(watcher("counted", "", "[/srv]"));
    makePod("p1");
    FakeAgent agent = FakeAgent.of(node, channel);
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    count(agent, "counted", "CLOSE_WRITE", 3);
    awaitText(
        "argus_events_total{arguswatcher=\"counted\",event=\"close_write\",nodename=\""
            + node
            + "\"} 3.0",
        () -> page("/metrics"));
    assertThat(page("/metrics"))
        .contains("custos_leader 1.0")
        .containsPattern("custos_snapshot_ack_seconds_count [1-9]")
        .containsPattern("custos_queue_depth\\{queue=\"statuses\"}")
        .containsPattern("custos_status_writes_total\\{result=\"written\"} [1-9]");
    assertThat(page("/healthz")).isEqualTo("ok\n");
    assertThat(page("/readyz")).isEqualTo("ok\n");
    agent.hangUp();
  }

  private static void failed(FakeAgent agent, NodeSnapshot snapshot, String reason) {
    NodeSnapshot.Target target = snapshot.targets().get(0);
    NodeSnapshot.WatchSubject watch = target.watches().get(0);
    SubjectReport.Builder row =
        SubjectReport.newBuilder()
            .setTargetId(target.id())
            .setOwner(
                Owner.newBuilder()
                    .setKind(watch.owner().kind())
                    .setNamespace(watch.owner().namespace())
                    .setName(watch.owner().name()));
    watch
        .paths()
        .forEach(
            path ->
                row.addPaths(
                    PathReport.newBuilder()
                        .setPath(path)
                        .setState(CoverageState.COVERAGE_STATE_FAILED)
                        .setReason(reason)));
    agent.send(
        AgentMessage.newBuilder()
            .setApplied(Applied.newBuilder().setVersion(snapshot.version()).addSubjects(row))
            .build());
  }

  private void lost(FakeAgent agent) {
    count(agent, "w", "LOST", 1);
  }

  private void count(FakeAgent agent, String resource, String event, long total) {
    agent.send(
        AgentMessage.newBuilder()
            .setEventCounts(
                EventCounts.newBuilder()
                    .addCounts(
                        EventCount.newBuilder()
                            .setOwner(
                                Owner.newBuilder()
                                    .setKind("ArgusWatcher")
                                    .setNamespace(namespace)
                                    .setName(resource))
                            .setEvent(event)
                            .setTotal(total)
                            .setLastMillis(System.currentTimeMillis())
                            .setDetail("kernel-queue-overflow")))
            .build());
  }

  private String watcher(String name, String format, String paths) {
    return """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: %s, namespace: %s}
        spec:
          selector: {matchLabels: {app: web}}
          %s
          subjects: [{paths: %s, events: [modify]}]
        """
        .formatted(name, namespace, format, paths);
  }

  private void makePod(String name) throws Exception {
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s, labels: {app: web}}
        spec: {nodeName: %s, containers: [{name: main, image: none}]}
        """
            .formatted(name, namespace, node));
    api.kubectl(
        "patch",
        "pod",
        name,
        "-n",
        namespace,
        "--subresource=status",
        "--type=merge",
        "-p",
        """
        {"status": {"phase": "Running", "containerStatuses": [{"name": "main", "image": "none",
          "imageID": "", "ready": false, "restartCount": 0,
          "containerID": "containerd://%s", "state": {"running": {}}}]}}
        """
            .formatted(namespace + name));
  }

  private void apply(String manifest) throws Exception {
    Path file = Files.createTempFile(directory, "manifest", ".yaml");
    Files.writeString(file, manifest);
    api.kubectl("apply", "--validate=strict", "-f", file.toString());
  }

  private String field(String path) throws Exception {
    return of("aw/w", path);
  }

  private String of(String resource, String path) throws Exception {
    return api.kubectl("get", "-n", namespace, resource, "-o", "jsonpath=" + path);
  }

  /** Its status and its reason. */
  private String condition(String type) throws Exception {
    return field("{.status.conditions[?(@.type==\"" + type + "\")]['status','reason']}");
  }

  private String events() throws Exception {
    return api.kubectl("get", "events", "-n", namespace);
  }

  private static long conflicts() throws Exception {
    Matcher found =
        Pattern.compile("custos_status_writes_total\\{result=\"conflict\"} (\\d+)")
            .matcher(page("/metrics"));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private static String page(String path) throws Exception {
    Matcher port = METRICS.matcher(controller.said());
    assertThat(port.find()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void awaitText(String text, Callable<String> source) {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(source.call()).contains(text));
  }
}

package dev.custos.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.Condition;
import dev.custos.controller.crd.Definitions;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.controller.election.Election;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.server.AgentTransport;
import dev.custos.controller.status.Pace;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.WatcherSpec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Refused;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A snapshot that can't be sent or is refused, over a real port, and what is said of it. */
@Timeout(180)
@EnableKubernetesMockClient(crud = true)
class LargeSnapshotTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> WEB = Map.of("app", "web");
  private static final Pace QUICK = new Pace(1, Duration.ofMillis(50), Duration.ofMillis(10));

  KubernetesClient client;
  KubernetesMockServer server;

  private final AgentTransport transport = new AgentTransport();
  private final ControllerMetrics metrics = new ControllerMetrics("test", System::nanoTime);
  private Controller controller;
  private ManagedChannel channel;
  private FakeAgent agent;

  @BeforeEach
  void start() throws Exception {
    Definitions.all()
        .forEach(d -> server.expectCustomResource(CustomResourceDefinitionContext.fromCrd(d)));
    controller =
        new Controller(
            client,
            () -> transport.plainText(0),
            new AgentPods(AgentAccount.DEFAULT),
            Optional.empty(),
            Election.none(),
            QUICK,
            metrics);
    controller.start();
    channel = NettyChannelBuilder.forAddress("localhost", controller.port()).usePlaintext().build();
    client.resource(watcher("small", List.of("/etc"))).create();
    client.resource(pod("p0")).create();
    agent = FakeAgent.of("node-1", channel);
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    awaitCondition("small", "Ready", "AllActive");
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    controller.close();
    transport.close();
  }

  @Test
  void whatIsTooLargeIsNotSentAndSaidAndWhatFitsAgainIs() {
    for (int i = 1; i < 20; i++) {
      client.resource(pod("p" + i)).create();
    }
    NodeSnapshot before = agent.awaitSnapshot(s -> s.targets().size() == 20);
    agent.applied(before, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitCondition("small", "Ready", "AllActive");
    int received = agent.snapshots().size();

    // 20 containers with two hundred paths of 4,000 bytes each.
    client.resource(watcher("large", longPaths())).create();
    String told = awaitCondition("large", "Degraded", "SnapshotTooLarge").message();
    assertThat(told)
        .contains("node-1", "bytes", "more than the", "let fewer resources select pods");
    // What was in force stays so.
    assertThat(status("small").watchedPods()).isEqualTo(20);
    // Nobody tries it again and again: only another version is.
    client.resource(pod("p20")).create();
    awaitCondition("small", "Degraded", "SnapshotTooLarge");
    assertThat(refused("controller")).isBetween(1.0, 3.0);
    assertThat(agent.snapshots()).hasSize(received);

    // Anew, because the controller writes the old one's status and an update could meet that.
    client.resource(watcher("large", longPaths())).delete();
    client.resource(watcher("fits", List.of("/srv"))).create();
    NodeSnapshot after =
        agent.awaitSnapshot(
            s -> s.targets().size() == 21 && s.targets().get(0).watches().size() == 2);
    agent.applied(after, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitCondition("fits", "Ready", "AllActive");
    awaitCondition("small", "Ready", "AllActive");
    awaitCondition("small", "Degraded", "AsExpected");
  }

  @Test
  void whatAnAgentRefusesIsSaidWithItsReason() {
    client.resource(watcher("other", List.of("/srv"))).create();
    NodeSnapshot snapshot = agent.awaitSnapshot(s -> s.targets().get(0).watches().size() == 2);
    agent.send(
        AgentMessage.newBuilder()
            .setRefused(
                Refused.newBuilder()
                    .setVersion(snapshot.version())
                    .setReason("targets[0].watches[1].paths[0]: is not an absolute path"))
            .build());
    assertThat(awaitCondition("other", "Degraded", "SnapshotRefused").message())
        .contains("node-1", "targets[0].watches[1].paths[0]: is not an absolute path");
    assertThat(status("small").watchedPods()).isEqualTo(1);
    assertThat(refused("agent")).isEqualTo(1);
  }

  @Test
  void aRefusalOfASnapshotThatIsOutOfDateIsNoFault() {
    NodeSnapshot first = agent.snapshots().get(agent.snapshots().size() - 1);
    client.resource(watcher("other", List.of("/srv"))).create();
    NodeSnapshot second = agent.awaitSnapshot(s -> s.targets().get(0).watches().size() == 2);
    agent.send(
        AgentMessage.newBuilder()
            .setRefused(Refused.newBuilder().setVersion(first.version()).setReason("late"))
            .build());
    agent.applied(second, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitCondition("other", "Ready", "AllActive");
    awaitCondition("other", "Degraded", "AsExpected");
    assertThat(refused("agent")).isEqualTo(1);
  }

  private static List<String> longPaths() {
    return IntStream.range(0, 200).mapToObj(i -> "/" + "x".repeat(3990) + i).toList();
  }

  private WatcherStatus status(String name) {
    return client
        .resources(ArgusWatcher.class)
        .inNamespace("default")
        .withName(name)
        .get()
        .getStatus();
  }

  private double refused(String by) {
    return metrics.snapshotsRefused().read().get(List.of(by));
  }

  private Condition awaitCondition(String resource, String type, String reason) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              WatcherStatus status = status(resource);
              return status == null
                  ? null
                  : status.conditions().stream()
                      .filter(c -> c.type().equals(type) && c.reason().equals(reason))
                      .findFirst()
                      .orElse(null);
            },
            c -> c != null);
  }

  private static ArgusWatcher watcher(String name, List<String> paths) {
    ArgusWatcher watcher = new ArgusWatcher();
    watcher.getMetadata().setName(name);
    watcher.getMetadata().setNamespace("default");
    watcher.setSpec(
        new WatcherSpec(
            new LabelSelector(WEB, List.of()),
            null,
            List.of(
                new WatcherSpec.Subject(
                    paths, List.of("modify"), List.of(), false, false, 0, false, Map.of()))));
    return watcher;
  }

  private static Pod pod(String name) {
    return new PodBuilder(MockCluster.pod(name, "node-1", WEB))
        .editMetadata()
        .withUid("uid-" + name)
        .endMetadata()
        .build();
  }
}

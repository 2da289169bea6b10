package dev.custos.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.Definitions;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.controller.election.Election;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.status.Pace;
import dev.custos.format.LineTemplate;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.WatcherSpec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class ControllerTest {
  private static final Map<String, String> WEB = Map.of("app", "web");
  private static final Pace QUICK = new Pace(1, Duration.ofMillis(50), Duration.ofMillis(10));

  KubernetesClient client;
  KubernetesMockServer server;

  private final ControllerMetrics metrics = new ControllerMetrics("test", System::nanoTime);
  private Controller controller;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    Definitions.all()
        .forEach(d -> server.expectCustomResource(CustomResourceDefinitionContext.fromCrd(d)));
    startController();
  }

  private void startController() throws Exception {
    String name = UUID.randomUUID().toString();
    controller =
        new Controller(
            client,
            () -> InProcessServerBuilder.forName(name),
            new AgentPods(AgentAccount.DEFAULT),
            Optional.empty(),
            Election.none(),
            QUICK,
            metrics);
    controller.start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    controller.close();
  }

  @Test
  void aNodesAgentIsToldWhatToWatchInItsPods() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    NodeSnapshot snapshot =
        FakeAgent.of("node-1", channel).awaitSnapshot(s -> s.targets().size() == 1);
    NodeSnapshot.Target target = snapshot.targets().get(0);
    assertThat(snapshot.node()).isEqualTo("node-1");
    assertThat(target.id()).isEqualTo("containerd://p1");
    assertThat(target.pod()).isEqualTo("p1");
    assertThat(target.watches().get(0).paths()).containsExactly("/var/log");
  }

  @Test
  void aNodeWithoutAnySelectedPodIsToldToWatchNothing() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent other = FakeAgent.of("node-2", channel);
    FakeAgent.of("node-1", channel).awaitSnapshot(s -> s.targets().size() == 1);
    assertThat(other.awaitSnapshot(s -> true).targets()).isEmpty();
    assertThat(other.snapshots()).hasSize(1);
  }

  @Test
  void aConnectedAgentHearsOfEveryChangeThatConcernsIt() {
    FakeAgent agent = FakeAgent.of("node-1", channel);
    agent.awaitSnapshot(s -> s.targets().isEmpty());
    client.resource(pod("p1", "node-1", WEB)).create();
    client.resource(watcher("w", WEB, "/a")).create();
    agent.awaitSnapshot(s -> s.targets().size() == 1);
    client.resource(guard("g", WEB, "/bin/sh")).create();
    agent.awaitSnapshot(s -> s.targets().size() == 1 && s.targets().get(0).guards().size() == 1);
    client.resource(watcher("w", WEB, "/b")).update();
    agent.awaitSnapshot(s -> s.targets().get(0).watches().get(0).paths().equals(List.of("/b")));
    client.resource(watcher("w", WEB, "/b")).delete();
    client.resource(guard("g", WEB, "/bin/sh")).delete();
    agent.awaitSnapshot(s -> s.targets().isEmpty());
  }

  @Test
  void relabellingAPodWithdrawsItsWatchesAndItsCount() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = FakeAgent.of("node-1", channel);
    NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
    agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 1, 1);
    client
        .pods()
        .inNamespace("default")
        .withName("p1")
        .edit(p -> new PodBuilder(p).editMetadata().withLabels(Map.of()).endMetadata().build());
    NodeSnapshot second = agent.awaitSnapshot(s -> s.targets().isEmpty());
    assertThat(second.version()).isNotEqualTo(first.version());
    awaitStatus("w", 0, 0);
  }

  @Test
  void aContainerThatRestartsIsServedUnderItsNewId() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = FakeAgent.of("node-1", channel);
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 1, 1);
    client
        .pods()
        .inNamespace("default")
        .withName("p1")
        .edit(
            p ->
                new PodBuilder(p)
                    .editStatus()
                    .editFirstContainerStatus()
                    .withContainerID("containerd://again")
                    .endContainerStatus()
                    .endStatus()
                    .build());
    agent.awaitSnapshot(s -> s.targets().get(0).id().equals("containerd://again"));
    // Nobody has said yet that the new container is watched.
    awaitStatus("w", 1, 0);
  }

  @Test
  void onlyWhatAnAgentReportsIsCounted() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    client.resource(pod("p2", "node-2", WEB)).create();
    client.resource(pod("unscheduled", null, WEB)).create();
    awaitStatus("w", 3, 0);
    FakeAgent one = FakeAgent.of("node-1", channel);
    NodeSnapshot first = one.awaitSnapshot(s -> s.targets().size() == 1);
    one.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 3, 1);
    FakeAgent two = FakeAgent.of("node-2", channel);
    NodeSnapshot second = two.awaitSnapshot(s -> s.targets().size() == 1);
    two.applied(second, CoverageState.COVERAGE_STATE_PENDING);
    two.coverageChanged(second, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 3, 2);
    one.coverageChanged(first, CoverageState.COVERAGE_STATE_FAILED);
    awaitStatus("w", 3, 1);
    two.hangUp();
    awaitStatus("w", 3, 0);
  }

  @Test
  void anAgentIsNotBelievedAboutAnotherNodesPods() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    client.resource(pod("p2", "node-2", WEB)).create();
    NodeSnapshot ofNodeOne =
        FakeAgent.of("node-1", channel).awaitSnapshot(s -> s.targets().size() == 1);
    FakeAgent liar = FakeAgent.of("node-2", channel);
    NodeSnapshot own = liar.awaitSnapshot(s -> s.targets().size() == 1);
    liar.applied(
        new NodeSnapshot(own.version(), "node-2", ofNodeOne.targets()),
        CoverageState.COVERAGE_STATE_ACTIVE);
    liar.applied(
        new NodeSnapshot(ofNodeOne.version(), "node-2", own.targets()),
        CoverageState.COVERAGE_STATE_ACTIVE);
    // The status of a second resource shows that both reports were dealt with.
    client.resource(watcher("later", WEB, "/tmp")).create();
    NodeSnapshot next = liar.awaitSnapshot(s -> s.targets().get(0).watches().size() == 2);
    liar.applied(
        new NodeSnapshot(next.version(), "node-2", ofNodeOne.targets()),
        CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("later", 2, 0);
    awaitStatus("w", 2, 0);
  }

  @Test
  void aChangedSpecCountsNothingUntilAnAgentHasAppliedIt() {
    client.resource(watcher("w", WEB, "/a")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = FakeAgent.of("node-1", channel);
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 1, 1);
    client.resource(watcher("w", WEB, "/b")).update();
    NodeSnapshot next =
        agent.awaitSnapshot(s -> s.targets().get(0).watches().get(0).paths().equals(List.of("/b")));
    awaitStatus("w", 1, 0);
    agent.applied(next, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 1, 1);
    assertThat(status("w").observedGeneration()).isEqualTo(2);
  }

  @Test
  void aSpecThatChangesWithoutEffectSendsNothingAndKeepsItsCount() {
    client.resource(watcher("w", WEB, "/a")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = FakeAgent.of("node-1", channel);
    NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
    agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    awaitStatus("w", 1, 1);
    ArgusWatcher changed = watcher("w", WEB, "/a");
    WatcherSpec spec = changed.getSpec();
    // What is the default anyway.
    changed.setSpec(new WatcherSpec(spec.selector(), LineTemplate.DEFAULT_WATCH, spec.subjects()));
    client.resource(changed).update();
    await().atMost(FakeAgent.PATIENCE).until(() -> status("w").observedGeneration() == 2);
    awaitStatus("w", 1, 1);
    client.resource(watcher("w", WEB, "/a")).delete();
    agent.awaitSnapshot(s -> s.targets().isEmpty());
    assertThat(agent.snapshots().stream().filter(first::equals)).hasSize(1);
  }

  @Test
  void afterARestartTheSameSnapshotComesOut() throws Exception {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    NodeSnapshot before =
        FakeAgent.of("node-1", channel).awaitSnapshot(s -> s.targets().size() == 1);
    stop();
    startController();
    FakeAgent agent = FakeAgent.of("node-1", channel);
    assertThat(agent.awaitSnapshot(s -> true)).isEqualTo(before);
  }

  @Test
  void aMalformedFormatIsNotCarriedOut() {
    ArgusWatcher malformed = watcher("bad", WEB, "/var/log");
    WatcherSpec spec = malformed.getSpec();
    malformed.setSpec(new WatcherSpec(spec.selector(), "{evnt}", spec.subjects()));
    client.resource(malformed).create();
    client.resource(watcher("good", WEB, "/tmp")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    NodeSnapshot snapshot =
        FakeAgent.of("node-1", channel).awaitSnapshot(s -> s.targets().size() == 1);
    assertThat(snapshot.targets().get(0).watches())
        .extracting(w -> w.owner().name())
        .containsExactly("good");
  }

  @Test
  void aFinishedPodIsNoTarget() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    Pod finished = pod("p1", "node-1", WEB);
    finished.getStatus().setPhase("Succeeded");
    client.resource(finished).create();
    client.resource(pod("p2", "node-1", WEB)).create();
    NodeSnapshot snapshot =
        FakeAgent.of("node-1", channel).awaitSnapshot(s -> !s.targets().isEmpty());
    assertThat(snapshot.targets()).extracting(NodeSnapshot.Target::pod).containsExactly("p2");
    awaitStatus("w", 1, 0);
  }

  @Test
  void aStreamThatDoesNotBeginWithHelloIsRefused() {
    FakeAgent agent = new FakeAgent(channel);
    agent.send(AgentMessage.getDefaultInstance());
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(agent.snapshots()).isEmpty();
  }

  @Test
  void aNodeNameThatNoNodeCanHaveIsRefused() {
    FakeAgent agent = FakeAgent.of("node\n1", channel);
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(agent.snapshots()).isEmpty();
  }

  @Test
  void anAgentThatConnectsAnewReplacesItsOldStream() {
    FakeAgent old = FakeAgent.of("node-1", channel);
    old.awaitSnapshot(s -> true);
    FakeAgent again = FakeAgent.of("node-1", channel);
    assertThat(old.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
    again.awaitSnapshot(s -> true);
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    again.awaitSnapshot(s -> s.targets().size() == 1);
  }

  private void awaitStatus(String name, int observable, int watched) {
    await()
        .atMost(FakeAgent.PATIENCE)
        .untilAsserted(
            () -> {
              WatcherStatus status = status(name);
              assertThat(status).isNotNull();
              assertThat(List.of(status.observablePods(), status.watchedPods()))
                  .isEqualTo(List.of(observable, watched));
            });
  }

  private WatcherStatus status(String name) {
    return client
        .resources(ArgusWatcher.class)
        .inNamespace("default")
        .withName(name)
        .get()
        .getStatus();
  }

  private static ArgusWatcher watcher(String name, Map<String, String> labels, String path) {
    ArgusWatcher watcher = new ArgusWatcher();
    watcher.getMetadata().setNamespace("default");
    watcher.getMetadata().setName(name);
    watcher.setSpec(
        new WatcherSpec(
            new LabelSelector(labels, List.of()),
            null,
            List.of(
                new WatcherSpec.Subject(
                    List.of(path), List.of("modify"), null, false, false, 0, false, null))));
    return watcher;
  }

  private static JanusGuard guard(String name, Map<String, String> labels, String path) {
    JanusGuard guard = new JanusGuard();
    guard.getMetadata().setNamespace("default");
    guard.getMetadata().setName(name);
    guard.setSpec(
        new GuardSpec(
            new LabelSelector(labels, List.of()),
            null,
            null,
            null,
            List.of(
                new GuardSpec.Subject(
                    List.of(path),
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
    return guard;
  }

  private static Pod pod(String name, String node, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .endSpec()
        .withNewStatus()
        .withPhase("Running")
        .addNewContainerStatus()
        .withName("main")
        .withContainerID("containerd://" + name)
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}

package dev.custos.controller;

import static dev.custos.controller.MockCluster.pod;
import static dev.custos.controller.MockCluster.watcher;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.format.LineTemplate;
import dev.custos.manifest.WatcherSpec;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the status says of what agents report. */
@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class CountedPodsTest {
  private static final Map<String, String> WEB = Map.of("app", "web");

  KubernetesClient client;
  KubernetesMockServer server;

  private MockCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new MockCluster(client, server);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void relabellingAPodWithdrawsItsWatchesAndItsCount() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = cluster.agent("node-1");
    NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
    agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 1, 1);
    client
        .pods()
        .inNamespace("default")
        .withName("p1")
        .edit(p -> new PodBuilder(p).editMetadata().withLabels(Map.of()).endMetadata().build());
    NodeSnapshot second = agent.awaitSnapshot(s -> s.targets().isEmpty());
    assertThat(second.version()).isNotEqualTo(first.version());
    cluster.awaitStatus("w", 0, 0);
  }

  @Test
  void aContainerThatRestartsIsServedUnderItsNewId() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = cluster.agent("node-1");
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 1, 1);
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
    cluster.awaitStatus("w", 1, 0);
  }

  @Test
  void onlyWhatAnAgentReportsIsCounted() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    client.resource(pod("p2", "node-2", WEB)).create();
    client.resource(pod("unscheduled", null, WEB)).create();
    cluster.awaitStatus("w", 3, 0);
    FakeAgent one = cluster.agent("node-1");
    NodeSnapshot first = one.awaitSnapshot(s -> s.targets().size() == 1);
    one.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 3, 1);
    FakeAgent two = cluster.agent("node-2");
    NodeSnapshot second = two.awaitSnapshot(s -> s.targets().size() == 1);
    two.applied(second, CoverageState.COVERAGE_STATE_PENDING);
    two.coverageChanged(second, CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 3, 2);
    one.coverageChanged(first, CoverageState.COVERAGE_STATE_FAILED);
    cluster.awaitStatus("w", 3, 1);
    two.hangUp();
    cluster.awaitStatus("w", 3, 0);
  }

  @Test
  void anAgentIsNotBelievedAboutAnotherNodesPods() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    client.resource(pod("p2", "node-2", WEB)).create();
    NodeSnapshot ofNodeOne = cluster.agent("node-1").awaitSnapshot(s -> s.targets().size() == 1);
    FakeAgent liar = cluster.agent("node-2");
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
    cluster.awaitStatus("later", 2, 0);
    cluster.awaitStatus("w", 2, 0);
  }

  @Test
  void aChangedSpecCountsNothingUntilAnAgentHasAppliedIt() {
    client.resource(watcher("w", WEB, "/a")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = cluster.agent("node-1");
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 1, 1);
    client.resource(watcher("w", WEB, "/b")).update();
    NodeSnapshot next =
        agent.awaitSnapshot(s -> s.targets().get(0).watches().get(0).paths().equals(List.of("/b")));
    cluster.awaitStatus("w", 1, 0);
    agent.applied(next, CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 1, 1);
    assertThat(cluster.status("w").observedGeneration()).isEqualTo(2);
  }

  @Test
  void aSpecThatChangesWithoutEffectSendsNothingAndKeepsItsCount() {
    client.resource(watcher("w", WEB, "/a")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    FakeAgent agent = cluster.agent("node-1");
    NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
    agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
    cluster.awaitStatus("w", 1, 1);
    ArgusWatcher changed = watcher("w", WEB, "/a");
    WatcherSpec spec = changed.getSpec();
    // What is the default anyway.
    changed.setSpec(new WatcherSpec(spec.selector(), LineTemplate.DEFAULT_WATCH, spec.subjects()));
    client.resource(changed).update();
    await().atMost(FakeAgent.PATIENCE).until(() -> cluster.status("w").observedGeneration() == 2);
    cluster.awaitStatus("w", 1, 1);
    client.resource(watcher("w", WEB, "/a")).delete();
    agent.awaitSnapshot(s -> s.targets().isEmpty());
    assertThat(agent.snapshots().stream().filter(first::equals)).hasSize(1);
  }

  @Test
  void aFinishedPodIsNoTarget() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    Pod finished = pod("p1", "node-1", WEB);
    finished.getStatus().setPhase("Succeeded");
    client.resource(finished).create();
    client.resource(pod("p2", "node-1", WEB)).create();
    NodeSnapshot snapshot = cluster.agent("node-1").awaitSnapshot(s -> !s.targets().isEmpty());
    assertThat(snapshot.targets()).extracting(NodeSnapshot.Target::pod).containsExactly("p2");
    cluster.awaitStatus("w", 1, 0);
  }
}

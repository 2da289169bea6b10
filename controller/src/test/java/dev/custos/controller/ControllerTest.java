package dev.custos.controller;

import static dev.custos.controller.MockCluster.guard;
import static dev.custos.controller.MockCluster.pod;
import static dev.custos.controller.MockCluster.watcher;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.manifest.WatcherSpec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What agents are told. */
@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class ControllerTest {
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
  void aNodesAgentIsToldWhatToWatchInItsPods() {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    NodeSnapshot snapshot = cluster.agent("node-1").awaitSnapshot(s -> s.targets().size() == 1);
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
    FakeAgent other = cluster.agent("node-2");
    cluster.agent("node-1").awaitSnapshot(s -> s.targets().size() == 1);
    assertThat(other.awaitSnapshot(s -> true).targets()).isEmpty();
    assertThat(other.snapshots()).hasSize(1);
  }

  @Test
  void aConnectedAgentHearsOfEveryChangeThatConcernsIt() {
    FakeAgent agent = cluster.agent("node-1");
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
  void afterARestartTheSameSnapshotComesOut() throws Exception {
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    NodeSnapshot before = cluster.agent("node-1").awaitSnapshot(s -> s.targets().size() == 1);
    cluster.restartController();
    FakeAgent agent = cluster.agent("node-1");
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
    NodeSnapshot snapshot = cluster.agent("node-1").awaitSnapshot(s -> s.targets().size() == 1);
    assertThat(snapshot.targets().get(0).watches())
        .extracting(w -> w.owner().name())
        .containsExactly("good");
  }

  @Test
  void aStreamThatDoesNotBeginWithHelloIsRefused() {
    FakeAgent agent = new FakeAgent(cluster.channel());
    agent.send(AgentMessage.getDefaultInstance());
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(agent.snapshots()).isEmpty();
  }

  @Test
  void aNodeNameThatNoNodeCanHaveIsRefused() {
    FakeAgent agent = cluster.agent("node\n1");
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(agent.snapshots()).isEmpty();
  }

  @Test
  void anAgentThatConnectsAnewReplacesItsOldStream() {
    FakeAgent old = cluster.agent("node-1");
    old.awaitSnapshot(s -> true);
    FakeAgent again = cluster.agent("node-1");
    assertThat(old.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
    again.awaitSnapshot(s -> true);
    client.resource(watcher("w", WEB, "/var/log")).create();
    client.resource(pod("p1", "node-1", WEB)).create();
    again.awaitSnapshot(s -> s.targets().size() == 1);
  }
}

package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.FakeAgent;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas, as processes of their own, with the shipped roles and a real kube-apiserver. */
@Timeout(400)
class HandOverTest {
  @TempDir static Path directory;

  private static KubeApi api;
  private static NodeSnapshot wanted;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    api = KubeApi.start(directory);
    api.installCustos();
    try (KubernetesClient admin = api.client()) {
      admin
          .resource(
              """
              apiVersion: arguscontroller.clustergarage.io/v1alpha1
              kind: ArgusWatcher
              metadata: {name: w, namespace: default}
              spec:
                selector: {matchLabels: {app: web}}
                subjects: [{paths: [/srv], events: [modify]}]
              """)
          .create();
      admin
          .resource(
              new PodBuilder()
                  .withNewMetadata()
                  .withName("p")
                  .withNamespace("default")
                  .withLabels(Map.of("app", "web"))
                  .endMetadata()
                  .withNewSpec()
                  .withNodeName("node-1")
                  .addNewContainer()
                  .withName("main")
                  .withImage("none")
                  .endContainer()
                  .endSpec()
                  .build())
          .create();
      api.kubectl(
          "patch",
          "pod",
          "p",
          "--subresource=status",
          "--type=merge",
          "-p",
          """
          {"status": {"phase": "Running", "containerStatuses": [{"name": "main", "image": "none",
            "imageID": "", "ready": false, "restartCount": 0, "containerID": "containerd://p",
            "state": {"running": {}}}]}}
          """);
    }
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      api.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  @Test
  void anotherReplicaServesTheSameWhenTheLeaderIsKilledOrStopped() throws Exception {
    Path account = api.kubeconfig(api.controllerToken());
    ControllerProcess first = replica(account);
    first.awaitPort();
    wanted = agent(first).awaitSnapshot(s -> s.targets().size() == 1);
    ControllerProcess second = replica(account);
    second.awaitSaid("stands by");
    assertThat(second.terms()).isZero();

    long killed = System.nanoTime();
    first.kill();
    second.awaitPort();
    report("killed", killed);
    assertThat(agent(second).awaitSnapshot(s -> s.targets().size() == 1)).isEqualTo(wanted);

    ControllerProcess third = replica(account);
    third.awaitSaid("stands by");
    long stopped = System.nanoTime();
    FakeAgent connected = agent(second);
    assertThat(second.stop()).isTrue();
    connected.awaitEnd();
    third.awaitPort();
    report("stopped", stopped);
    assertThat(agent(third).awaitSnapshot(s -> s.targets().size() == 1)).isEqualTo(wanted);

    FakeAgent last = agent(third);
    last.awaitSnapshot(s -> s.targets().size() == 1);
    long paused = System.nanoTime();
    api.pause();
    try {
      // Nobody else could take the lease now, but the leader can't know that.
      last.awaitEnd();
      report("paused", paused);
    } finally {
      api.resume();
    }
    third.awaitTerms(2);
    assertThat(agent(third).awaitSnapshot(s -> s.targets().size() == 1)).isEqualTo(wanted);
  }

  private ControllerProcess replica(Path account) throws IOException {
    ControllerProcess replica = ControllerProcess.launch(account);
    opened.add(replica);
    return replica;
  }

  private FakeAgent agent(ControllerProcess controller) throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
    opened.add(channel::shutdownNow);
    return FakeAgent.of("node-1", channel);
  }

  // For whoever wants to know; how long it takes is no promise on a busy machine.
  private static void report(String what, long since) {
    System.out.printf(
        "leader %s: %d ms until the other end noticed%n",
        what, Duration.ofNanos(System.nanoTime() - since).toMillis());
  }
}

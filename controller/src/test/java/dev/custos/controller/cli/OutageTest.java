package dev.custos.controller.cli;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Controllers as processes of their own, with the shipped roles, and what can happen to them. */
@Timeout(400)
class OutageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir static Path directory;

  private static KubeApi api;
  private static KubernetesClient admin;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    api = KubeApi.start(directory);
    api.installCustos();
    admin = api.client();
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      admin.close();
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
    watch("w", "web", "/srv");
    runPod("p", "web", "node-1");
    ControllerProcess first = replica(account);
    first.awaitPort();
    NodeSnapshot wanted = agent(first, "node-1").awaitSnapshot(s -> s.targets().size() == 1);
    ControllerProcess second = replica(account);
    second.awaitSaid("stands by");
    assertThat(second.terms()).isZero();

    long killed = System.nanoTime();
    first.kill();
    second.awaitPort();
    report("killed", killed);
    assertThat(agent(second, "node-1").awaitSnapshot(s -> s.targets().size() == 1))
        .isEqualTo(wanted);

    ControllerProcess third = replica(account);
    third.awaitSaid("stands by");
    long stopped = System.nanoTime();
    FakeAgent connected = agent(second, "node-1");
    assertThat(second.stop()).isTrue();
    connected.awaitEnd();
    third.awaitPort();
    report("stopped", stopped);
    assertThat(agent(third, "node-1").awaitSnapshot(s -> s.targets().size() == 1))
        .isEqualTo(wanted);

    FakeAgent last = agent(third, "node-1");
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
    assertThat(agent(third, "node-1").awaitSnapshot(s -> s.targets().size() == 1))
        .isEqualTo(wanted);
  }

  @Test
  void whatChangedUnseenIsMadeGoodAndWhatStayedIsNeverDropped() throws Exception {
    ControllerProcess controller =
        replica(api.kubeconfig(api.controllerToken()), "--no-leader-election");
    watch("stays", "shop", "/stays");
    watch("goes", "shop", "/goes");
    for (String pod : List.of("stays", "goes", "is-relabelled")) {
      runPod(pod, "shop", "node-2");
    }
    controller.awaitPort();
    FakeAgent agent = agent(controller, "node-2");
    agent.awaitSnapshot(s -> s.targets().size() == 3 && pathsOf(s, "stays").size() == 2);

    // Nothing of this is waiting in a connection: all of them ended before. And a restarted API
    // server keeps no history, so that no watch can go on where it stood: it has to list anew.
    controller.pause();
    api.restart();
    admin.resources(ArgusWatcher.class).withName("goes").delete();
    admin.pods().withName("goes").withGracePeriod(0).delete();
    api.kubectl("label", "--overwrite", "pod", "is-relabelled", "app=other");
    runPod("comes", "shop", "node-2");
    api.restart();
    controller.resume();
    NodeSnapshot after =
        agent.awaitSnapshot(
            s -> targets(s).equals(Set.of("stays", "comes")) && pathsOf(s, "stays").size() == 1);
    assertThat(pathsOf(after, "comes")).containsExactly("/stays");

    runPod("comes-later", "shop", "node-2");
    agent.awaitSnapshot(s -> targets(s).equals(Set.of("stays", "comes", "comes-later")));
    // A status is written again, too, although the writer was refused for a while.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(admin.resources(ArgusWatcher.class).withName("stays").get().getStatus())
                    .isNotNull()
                    .extracting(WatcherStatus::observablePods)
                    .isEqualTo(3));
    List<NodeSnapshot> complete =
        agent.snapshots().stream().dropWhile(s -> s.targets().size() < 3).toList();
    assertThat(complete).allSatisfy(s -> assertThat(pathsOf(s, "stays")).contains("/stays"));
  }

  private static Set<String> targets(NodeSnapshot snapshot) {
    return snapshot.targets().stream().map(NodeSnapshot.Target::pod).collect(toSet());
  }

  private static List<String> pathsOf(NodeSnapshot snapshot, String pod) {
    return snapshot.targets().stream()
        .filter(t -> t.pod().equals(pod))
        .flatMap(t -> t.watches().stream())
        .flatMap(w -> w.paths().stream())
        .toList();
  }

  private static void watch(String name, String app, String path) {
    admin
        .resource(
            """
            apiVersion: arguscontroller.clustergarage.io/v1alpha1
            kind: ArgusWatcher
            metadata: {name: %s, namespace: default}
            spec:
              selector: {matchLabels: {app: %s}}
              subjects: [{paths: [%s], events: [modify]}]
            """
                .formatted(name, app, path))
        .create();
  }

  private static void runPod(String name, String app, String node) {
    Kubelet.run(admin, "default", name, node, app);
  }

  private ControllerProcess replica(Path account, String... options) throws IOException {
    ControllerProcess replica = ControllerProcess.launch(account, options);
    opened.add(replica);
    return replica;
  }

  private FakeAgent agent(ControllerProcess controller, String node) throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
    opened.add(channel::shutdownNow);
    return FakeAgent.of(node, channel);
  }

  // For whoever wants to know; how long it takes is no promise on a busy machine.
  private static void report(String what, long since) {
    System.out.printf(
        "leader %s: %d ms until the other end noticed%n",
        what, Duration.ofNanos(System.nanoTime() - since).toMillis());
  }
}

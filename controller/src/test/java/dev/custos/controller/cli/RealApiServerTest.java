package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.Controller;
import dev.custos.controller.FakeAgent;
import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a real kube-apiserver makes of the definitions, the roles and the program. */
@Timeout(300)
@ExtendWith(SharedKubeApi.class)
class RealApiServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static KubeApi api;
  private static KubernetesClient admin;

  private final List<HasMetadata> made = new ArrayList<>();

  @BeforeAll
  static void start(KubeApi shared) {
    api = shared;
    admin = api.client();
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      admin.close();
    }
  }

  @AfterEach
  void remove() {
    // No kubelet is there to say that a pod's containers have ended.
    made.forEach(object -> admin.resource(object).withGracePeriod(0).delete());
  }

  @Test
  void withTheShippedRolesTheProgramFollowsEveryKindAndWritesItsStatus() throws Exception {
    String token = api.controllerToken();
    try (ControllerProcess controller = ControllerProcess.start(api.kubeconfig(token))) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
      try {
        FakeAgent agent = FakeAgent.of("node-1", channel);
        agent.awaitSnapshot(s -> s.targets().isEmpty());
        // All of these are new after the listing, so that each has to come by a watch.
        for (String kind : List.of("ArgusWatcher", "FimWatcher", "JanusGuard")) {
          make(kind, "w", "web");
        }
        makePod("p1", "node-1");
        makePod("p2", null);
        NodeSnapshot snapshot = agent.awaitSnapshot(RealApiServerTest::hasEveryKind);
        agent.applied(snapshot, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitCounts("ArgusWatcher", "watchedPods", 2, 1);
        awaitCounts("FimWatcher", "watchedPods", 2, 1);
        awaitCounts("JanusGuard", "guardedPods", 2, 1);
        admin.pods().withName("p1").withGracePeriod(0).delete();
        agent.awaitSnapshot(s -> s.targets().isEmpty());
        awaitCounts("ArgusWatcher", "watchedPods", 1, 0);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void aChangedSpecIsCountedOnlyWhenAnAgentHasAppliedIt() throws Exception {
    String name = UUID.randomUUID().toString();
    try (KubernetesClient client = api.client(api.controllerToken());
        Controller controller =
            new Controller(client, () -> InProcessServerBuilder.forName(name))) {
      controller.start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        make("ArgusWatcher", "w", "web");
        makePod("p1", "node-1");
        FakeAgent agent = FakeAgent.of("node-1", channel);
        NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
        agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitWatcherStatus(1, 1, 1);
        admin
            .resource(
                Written.resource("ArgusWatcher", "w", "web", "{paths: [/other], events: [open]}"))
            .patch();
        awaitWatcherStatus(2, 1, 0);
        NodeSnapshot second = agent.awaitSnapshot(s -> !s.version().equals(first.version()));
        agent.applied(second, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitWatcherStatus(2, 1, 1);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void theShippedRolesAllowNothingBesides() {
    try (KubernetesClient controller = api.client(api.controllerToken())) {
      assertForbidden(() -> controller.secrets().list());
      assertForbidden(() -> controller.pods().withName("p").delete());
      HasMetadata watcher =
          admin
              .resource(
                  Written.resource("ArgusWatcher", "w", "web", Written.subject("ArgusWatcher")))
              .item();
      assertForbidden(() -> controller.resource(watcher).create());
    }
  }

  private static void assertForbidden(Runnable request) {
    assertThatThrownBy(request::run)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
  }

  private static void awaitWatcherStatus(long generation, int observable, int watched) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(admin.resources(ArgusWatcher.class).withName("w").get().getStatus())
                    .isNotNull()
                    .extracting(
                        WatcherStatus::observedGeneration,
                        WatcherStatus::observablePods,
                        WatcherStatus::watchedPods)
                    .containsExactly(generation, observable, watched));
  }

  private void awaitCounts(String kind, String served, int observable, int expected) {
    HasMetadata watcher = made.stream().filter(o -> o.getKind().equals(kind)).findFirst().get();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(status(watcher))
                    .containsEntry("observedGeneration", 1)
                    .containsEntry("observablePods", observable)
                    .containsEntry(served, expected));
  }

  private static Map<String, Object> status(HasMetadata resource) {
    return ((GenericKubernetesResource) admin.resource(resource).get()).get("status");
  }

  private static boolean hasEveryKind(NodeSnapshot snapshot) {
    return snapshot.targets().size() == 1
        && snapshot.targets().get(0).watches().size() == 2
        && snapshot.targets().get(0).guards().size() == 1;
  }

  private HasMetadata make(String kind, String name, String app) {
    HasMetadata resource =
        admin.resource(Written.resource(kind, name, app, Written.subject(kind))).create();
    made.add(resource);
    return resource;
  }

  private void makePod(String name, String node) {
    Pod pod = Kubelet.pod("default", name, node, Map.of("app", "web"));
    made.add(admin.resource(pod).create());
    if (node != null) {
      admin.resource(Kubelet.running(pod, "containerd://" + name)).patchStatus();
    }
  }
}

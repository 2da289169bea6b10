package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.Controller;
import dev.custos.controller.FakeAgent;
import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Watches that want to go on from a version that the API server's store has forgotten. */
@Timeout(300)
class WatchExpiryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path directory;

  @Test
  void aWatchOfACompactedVersionIsListedAnewAndNothingIsLostOrDropped() throws Exception {
    // Without its cache the server asks etcd for each watch, which knows what it has compacted.
    try (KubeApi api = KubeApi.start(directory, List.of("--watch-cache=false"))) {
      api.installCustos();
      try (ApiProxy proxy = ApiProxy.before(api);
          KubernetesClient admin = api.client();
          KubernetesClient client = patient(proxy.url(), api.controllerToken())) {
        expire(api, proxy, admin, client);
      }
    }
  }

  private static void expire(
      KubeApi api, ApiProxy proxy, KubernetesClient admin, KubernetesClient client)
      throws Exception {
    for (String name : List.of("stays", "goes")) {
      watch(admin, name);
      Kubelet.run(admin, "default", name, "node-1", "web");
    }
    Kubelet.run(admin, "default", "is-relabelled", "node-1", "web");
    String name = UUID.randomUUID().toString();
    try (Controller controller =
        new Controller(client, () -> InProcessServerBuilder.forName(name))) {
      controller.start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        FakeAgent agent = FakeAgent.of("node-1", channel);
        agent.awaitSnapshot(s -> has(s, Set.of("stays", "goes", "is-relabelled"), 2));
        proxy.hold();
        // Nobody tells how these two were at last: they are found missing.
        admin.resources(ArgusWatcher.class).withName("goes").delete();
        admin.pods().withName("goes").withGracePeriod(0).delete();
        api.kubectl("label", "--overwrite", "pod", "is-relabelled", "app=other");
        Kubelet.run(admin, "default", "comes", "node-1", "web");
        api.compact();
        // And the lists fail at first, one of them after its first page.
        proxy.pagesOf(2);
        proxy.refuse(WatchExpiryTest::isUnlucky, "500 Internal Server Error");
        proxy.release();
        awaitUntil(() -> proxy.gone().stream().anyMatch(w -> w.contains("/pods?")));
        awaitUntil(() -> proxy.gone().stream().anyMatch(w -> w.contains("/arguswatchers?")));
        awaitUntil(() -> unlucky(proxy, "pods") > 1 && unlucky(proxy, "arguswatchers") > 2);
        proxy.passOn();
        agent.awaitSnapshot(s -> has(s, Set.of("stays", "comes"), 1));
        Kubelet.run(admin, "default", "comes-later", "node-1", "web");
        agent.awaitSnapshot(s -> has(s, Set.of("stays", "comes", "comes-later"), 1));
        assertThat(agent.snapshots())
            .allSatisfy(s -> assertThat(pods(s)).contains("stays"))
            .allSatisfy(
                s ->
                    assertThat(s.targets())
                        .allMatch(
                            t ->
                                t.watches().stream()
                                    .anyMatch(w -> w.owner().name().equals("stays"))));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static void awaitUntil(Callable<Boolean> condition) {
    await().atMost(PATIENCE).until(condition);
  }

  private static boolean isUnlucky(ApiProxy.Request request) {
    return request.lists("arguswatchers") || request.target().contains("continue=");
  }

  private static long unlucky(ApiProxy proxy, String plural) {
    return proxy.requests().stream().filter(r -> r.lists(plural) && isUnlucky(r)).count();
  }

  private static boolean has(NodeSnapshot snapshot, Set<String> pods, int watches) {
    return pods(snapshot).equals(pods)
        && snapshot.targets().stream().allMatch(t -> t.watches().size() == watches);
  }

  private static Set<String> pods(NodeSnapshot snapshot) {
    return snapshot.targets().stream().map(NodeSnapshot.Target::pod).collect(Collectors.toSet());
  }

  private static void watch(KubernetesClient admin, String name) {
    admin
        .resource(
            """
            apiVersion: arguscontroller.clustergarage.io/v1alpha1
            kind: ArgusWatcher
            metadata: {name: %s, namespace: default}
            spec:
              selector: {matchLabels: {app: web}}
              subjects: [{paths: [/srv/%s], events: [modify]}]
            """
                .formatted(name, name))
        .create();
  }

  /** One that does not list anew because it was held up. */
  private static KubernetesClient patient(String url, String token) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withOauthToken(token)
                .withNamespace("default")
                .withRequestTimeout((int) PATIENCE.toMillis())
                .withConnectionTimeout((int) PATIENCE.toMillis())
                .build())
        .build();
  }
}

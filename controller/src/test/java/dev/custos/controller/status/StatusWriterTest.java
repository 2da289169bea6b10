package dev.custos.controller.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.Definitions;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class StatusWriterTest {
  private static final ResourceKey KEY = new ResourceKey("ArgusWatcher", "default", "w");
  private static final Pace PACE = new Pace(3, Duration.ofSeconds(5), Duration.ofMillis(200));

  KubernetesClient client;
  KubernetesMockServer server;

  private final ManualTime time = new ManualTime();
  private final ClusterState state = new ClusterState();
  private final List<Duration> turns = new ArrayList<>();
  private ResourceEvents events;
  private StatusWriter writer;

  @BeforeEach
  void start() {
    Definitions.all()
        .forEach(d -> server.expectCustomResource(CustomResourceDefinitionContext.fromCrd(d)));
    ControllerMetrics metrics = new ControllerMetrics("test", time::nanos);
    events = new ResourceEvents(client, PACE, time, metrics);
    writer =
        new StatusWriter(
            client,
            state,
            new SnapshotCache(),
            new NodeReports(time::nanos),
            time,
            PACE,
            (key, delay) -> turns.add(delay),
            events,
            metrics.statusWrites());
    WatcherSpec spec =
        new WatcherSpec(
            new LabelSelector(Map.of(), List.of()),
            null,
            List.of(
                new WatcherSpec.Subject(
                    List.of("/a"), List.of("modify"), null, false, false, 0, false, null)));
    ArgusWatcher watcher = new ArgusWatcher();
    watcher.getMetadata().setNamespace("default");
    watcher.getMetadata().setName("w");
    watcher.setSpec(spec);
    String uid = client.resource(watcher).create().getMetadata().getUid();
    state.put(
        new DesiredResource(
            new Manifest.Watcher("ArgusWatcher", "default", "w", spec), uid, 1, ""));
  }

  @AfterEach
  void stop() {
    events.close();
  }

  @Test
  void whatChangesOverAndOverIsWrittenThreeTimesAndThenOnceInFiveSeconds() throws Exception {
    for (int pods = 0; pods < 3; pods++) {
      handle();
      assertThat(status().observablePods()).isEqualTo(pods);
      time.pass(Duration.ofMillis(300));
      addPod(pods);
    }
    turns.clear();
    handle();
    addPod(3);
    handle();
    assertThat(status().observablePods()).isEqualTo(2);
    // One turn is due, however often something changed meanwhile.
    assertThat(turns).hasSize(1);
    assertThat(turns.get(0)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
    time.pass(turns.get(0));
    handle();
    assertThat(status().observablePods()).isEqualTo(4);
  }

  @Test
  void whatDidNotChangeIsNotWritten() throws Exception {
    handle();
    String version = version();
    time.pass(Duration.ofMinutes(1));
    handle();
    assertThat(version()).isEqualTo(version);
    assertThat(turns).isEmpty();
  }

  @Test
  void anObjectThatIsGoneMeanwhileIsNoFault() throws Exception {
    handle();
    client.resources(ArgusWatcher.class).inNamespace("default").withName("w").delete();
    addPod(1);
    time.pass(Duration.ofMinutes(1));
    handle();
    assertThat(client.resources(ArgusWatcher.class).inNamespace("default").list().getItems())
        .isEmpty();
  }

  @Test
  void aNewObjectOfTheSameNameIsLeftAloneUntilItIsHeardOf() throws Exception {
    ArgusWatcher watcher =
        client.resources(ArgusWatcher.class).inNamespace("default").withName("w").get();
    client.resource(watcher).delete();
    ArgusWatcher next = new ArgusWatcher();
    next.getMetadata().setNamespace("default");
    next.getMetadata().setName("w");
    next.setSpec(watcher.getSpec());
    client.resource(next).create();
    handle();
    assertThat(status()).isNull();
  }

  private void handle() throws Exception {
    writer.handle(KEY);
  }

  private void addPod(int number) {
    state.put(
        new PlacedPod(
            "", new PodOnNode("default", "p" + number, "u" + number, Map.of(), List.of())));
  }

  private WatcherStatus status() {
    return client
        .resources(ArgusWatcher.class)
        .inNamespace("default")
        .withName("w")
        .get()
        .getStatus();
  }

  private String version() {
    return client
        .resources(ArgusWatcher.class)
        .inNamespace("default")
        .withName("w")
        .get()
        .getMetadata()
        .getResourceVersion();
  }
}

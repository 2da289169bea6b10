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
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.WatcherSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A controller before a mocked API server, and what a test asks of both. */
final class MockCluster implements AutoCloseable {
  private static final Pace QUICK = new Pace(1, Duration.ofMillis(50), Duration.ofMillis(10));

  private final KubernetesClient client;
  private final ControllerMetrics metrics = new ControllerMetrics("test", System::nanoTime);
  private Controller controller;
  private ManagedChannel channel;

  /** Its controller serves when this returns. */
  MockCluster(KubernetesClient client, KubernetesMockServer server) throws InterruptedException {
    this.client = client;
    Definitions.all()
        .forEach(d -> server.expectCustomResource(CustomResourceDefinitionContext.fromCrd(d)));
    startController();
  }

  private void startController() throws InterruptedException {
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

  void restartController() throws InterruptedException {
    close();
    startController();
  }

  ManagedChannel channel() {
    return channel;
  }

  FakeAgent agent(String node) {
    return FakeAgent.of(node, channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    controller.close();
  }

  void awaitStatus(String name, int observable, int watched) {
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

  WatcherStatus status(String name) {
    return client
        .resources(ArgusWatcher.class)
        .inNamespace("default")
        .withName(name)
        .get()
        .getStatus();
  }

  static ArgusWatcher watcher(String name, Map<String, String> labels, String path) {
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

  static JanusGuard guard(String name, Map<String, String> labels, String path) {
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

  static Pod pod(String name, String node, Map<String, String> labels) {
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

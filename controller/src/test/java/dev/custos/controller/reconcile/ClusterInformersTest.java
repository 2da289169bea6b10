package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.Definitions;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.snapshot.ClusterState;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class ClusterInformersTest {
  private static final int PODS = 20;

  KubernetesClient client;
  KubernetesMockServer server;

  @Test
  void aClusterIsListedOnlyWhenTheStateHasAllOfIt() throws Exception {
    Definitions.all()
        .forEach(d -> server.expectCustomResource(CustomResourceDefinitionContext.fromCrd(d)));
    for (int i = 0; i < PODS; i++) {
      client
          .resource(
              new PodBuilder()
                  .withNewMetadata()
                  .withNamespace("default")
                  .withName("p" + i)
                  .endMetadata()
                  .build())
          .create();
    }
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger heard = new AtomicInteger();
    try (ClusterInformers informers =
        new ClusterInformers(
            client,
            new ClusterState(),
            new AgentPods(AgentAccount.DEFAULT),
            change -> {
              awaitAMoment(started);
              heard.incrementAndGet();
            })) {
      assertThat(informers.start()).isTrue();
      int heardByThen = heard.get();
      started.countDown();
      assertThat(heardByThen).isEqualTo(PODS);
    }
  }

  /** Slow at first, so that whoever does not wait for it is done before. */
  private static void awaitAMoment(CountDownLatch started) {
    try {
      boolean unused = started.await(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

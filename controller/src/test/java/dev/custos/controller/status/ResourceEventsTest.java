package dev.custos.controller.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class ResourceEventsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ResourceKey WATCHER = new ResourceKey("ArgusWatcher", "default", "w");
  private static final ResourceKey GUARD = new ResourceKey("JanusGuard", "default", "g");

  KubernetesClient client;

  private ResourceEvents events;

  @BeforeEach
  void start() {
    Pace quick = new Pace(1, Duration.ofMillis(100), Duration.ofMillis(500));
    events =
        new ResourceEvents(
            client, quick, Time.SYSTEM, new ControllerMetrics("test", System::nanoTime));
  }

  @AfterEach
  void stop() {
    events.close();
  }

  @Test
  void anEventIsAboutItsResourceAndTellsAllThatGathered() {
    for (int i = 1; i <= 7; i++) {
      events.tell(GUARD, "u1", EventReason.ADDED, "pod-" + i);
    }
    Event event = awaitEvents(1).get(0);
    assertThat(event.getMessage())
        .isEqualTo("guarding 7 pods: pod-1, pod-2, pod-3, pod-4, pod-5 and 2 more");
    assertThat(event.getReason()).isEqualTo("Added");
    assertThat(event.getType()).isEqualTo("Normal");
    assertThat(event.getCount()).isEqualTo(1);
    assertThat(event.getInvolvedObject().getApiVersion())
        .isEqualTo("januscontroller.clustergarage.io/v1alpha1");
    assertThat(event.getInvolvedObject().getKind()).isEqualTo("JanusGuard");
    assertThat(event.getInvolvedObject().getName()).isEqualTo("g");
    assertThat(event.getInvolvedObject().getUid()).isEqualTo("u1");
  }

  @Test
  void theSameAgainIsCountedAndNotToldAnew() {
    events.tell(WATCHER, "u1", EventReason.DEGRADED, "1 failed of 1 path");
    awaitEvents(1);
    events.tell(WATCHER, "u1", EventReason.DEGRADED, "1 failed of 1 path");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(awaitEvents(1).get(0).getCount()).isEqualTo(2));
  }

  @Test
  void aResourceThatGoesToAndFroHasNoMoreThanTenEventsOfAKind() {
    for (int i = 1; i <= 12; i++) {
      String pod = "pod-" + i;
      events.tell(WATCHER, "u1", EventReason.REMOVED, pod);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(all())
                      .extracting(Event::getMessage)
                      .contains("no longer watching pod " + pod));
    }
    assertThat(all()).hasSize(10);
  }

  @Test
  void onlyTheLastMessageOfAConditionCountsAndEveryLossDoes() {
    events.tell(WATCHER, "u1", EventReason.RECOVERED, "first");
    events.tell(WATCHER, "u1", EventReason.RECOVERED, "last");
    events.tell(WATCHER, "u1", EventReason.LOST, "on node n1: overflow");
    events.tell(WATCHER, "u1", EventReason.LOST, "on node n2");
    assertThat(awaitEvents(2))
        .extracting(Event::getMessage)
        .containsExactlyInAnyOrder("last", "events are missing: on node n1: overflow; on node n2");
  }

  private List<Event> awaitEvents(int number) {
    return await().atMost(PATIENCE).until(this::all, found -> found.size() == number);
  }

  private List<Event> all() {
    return client.v1().events().inNamespace("default").list().getItems();
  }
}

package dev.custos.controller.status;

import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Tells a Kubernetes event and then that it came again, which takes the program ten of a kind. */
public final class RepeatedEvent {
  private RepeatedEvent() {}

  public static void tell(KubernetesClient client, ResourceKey resource, String uid) {
    EventWriter writer = new EventWriter(client, new ManualTime());
    EventWriter.Written told = writer.create(resource, uid, EventReason.ADDED, "watching pod p1");
    if (writer.repeat(resource, told, "watching pod p2").isEmpty()) {
      throw new AssertionError("the event is gone");
    }
  }
}

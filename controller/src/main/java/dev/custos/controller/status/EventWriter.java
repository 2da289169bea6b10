package dev.custos.controller.status;

import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Events as the API server keeps them: core/v1, whose count and message may be changed later, which
 * those of events.k8s.io/v1 may not.
 */
final class EventWriter {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
  private static final String COMPONENT = "custos-controller";

  // An object's name has at most 253 characters, and ours end in a dot and 16 more.
  private static final int LONGEST_PREFIX = 230;

  private final KubernetesClient client;
  private final Time time;

  /** An event that is there. */
  record Written(String name, int count) {}

  EventWriter(KubernetesClient client, Time time) {
    this.client = client;
    this.time = time;
  }

  /**
   * @throws KubernetesClientException if the API server refuses, or does not answer
   */
  Written create(ResourceKey resource, String uid, EventReason reason, String message) {
    String now = now();
    String prefix = resource.name();
    if (prefix.length() > LONGEST_PREFIX) {
      prefix = prefix.substring(0, LONGEST_PREFIX);
    }
    UUID random = UUID.randomUUID();
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(resource.namespace())
            .withName(prefix + "." + Long.toHexString(random.getMostSignificantBits()))
            .endMetadata()
            .withNewInvolvedObject()
            .withApiVersion(HasMetadata.getApiVersion(StatusStore.type(resource)))
            .withKind(resource.kind())
            .withNamespace(resource.namespace())
            .withName(resource.name())
            .withUid(uid)
            .endInvolvedObject()
            .withReason(reason.text())
            .withMessage(message)
            .withType(reason.type())
            .withCount(1)
            .withFirstTimestamp(now)
            .withLastTimestamp(now)
            .withNewSource()
            .withComponent(COMPONENT)
            .endSource()
            .build();
    client.v1().events().inNamespace(resource.namespace()).resource(event).create();
    return new Written(event.getMetadata().getName(), 1);
  }

  /**
   * The same again, or something like it.
   *
   * @return empty if the event is not there any more: the API server keeps them for an hour
   * @throws KubernetesClientException if the API server refuses, or does not answer
   */
  Optional<Written> repeat(ResourceKey resource, Written event, String message) {
    int count = event.count() + 1;
    String patch =
        client
            .getKubernetesSerialization()
            .asJson(Map.of("count", count, "lastTimestamp", now(), "message", message));
    // Given a name alone, the client would get the event first, which our role does not allow.
    Event stored =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(resource.namespace())
            .withName(event.name())
            .endMetadata()
            .build();
    try {
      client.v1().events().inNamespace(resource.namespace()).resource(stored).patch(MERGE, patch);
      return Optional.of(new Written(event.name(), count));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private String now() {
    return time.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}

package dev.custos.controller.status;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.FimWatcher;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;

/** Statuses where they are kept: at the API server, by the status subresource alone. */
final class StatusStore {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final KubernetesClient client;

  /** A status and which version of the object it was in. */
  record Stored(String uid, String version, ResourceStatus status) {}

  /** Somebody has changed the object meanwhile. */
  static final class ConflictException extends Exception {
    private static final long serialVersionUID = 1;

    ConflictException(KubernetesClientException cause) {
      super(cause);
    }
  }

  StatusStore(KubernetesClient client) {
    this.client = client;
  }

  /**
   * What is stored; empty if there is no such object.
   *
   * @throws KubernetesClientException if the API server does not say
   */
  Optional<Stored> read(ResourceKey key) {
    try {
      return Optional.ofNullable(resource(key, type(key)).get()).map(StatusStore::stored);
    } catch (KubernetesClientException e) {
      if (isGone(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Replaces a status; the spec is not touched, whatever it has become meanwhile.
   *
   * @param base what it replaces
   * @return as stored now; empty if there is no such object any more
   * @throws ConflictException if the object is not as {@code base} has it
   * @throws KubernetesClientException if the API server refuses, or does not answer
   */
  Optional<Stored> replace(ResourceKey key, Stored base, ResourceStatus status)
      throws ConflictException {
    // The version stands for the one status that this was made from, and the uid for the object: a
    // new one of the same name is none of its business.
    Map<String, Object> patch =
        Map.of(
            "metadata",
            Map.of("resourceVersion", base.version(), "uid", base.uid()),
            "status",
            status.of(key.kind()));
    try {
      CustomResource<?, ?> written =
          resource(key, type(key))
              .subresource("status")
              .patch(MERGE, client.getKubernetesSerialization().asJson(patch));
      return Optional.of(
          new Stored(base.uid(), written.getMetadata().getResourceVersion(), status));
    } catch (KubernetesClientException e) {
      if (isGone(e)) {
        return Optional.empty();
      }
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        throw new ConflictException(e);
      }
      throw e;
    }
  }

  private <T extends CustomResource<?, ?>> Resource<T> resource(ResourceKey key, Class<T> type) {
    return client.resources(type).inNamespace(key.namespace()).withName(key.name());
  }

  private static Stored stored(CustomResource<?, ?> resource) {
    return new Stored(
        resource.getMetadata().getUid(),
        resource.getMetadata().getResourceVersion(),
        ResourceStatus.of(resource.getStatus()));
  }

  private static boolean isGone(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        || e.getCode() == HttpURLConnection.HTTP_GONE;
  }

  static Class<? extends CustomResource<?, ?>> type(ResourceKey key) {
    return switch (key.kind()) {
      case "ArgusWatcher" -> ArgusWatcher.class;
      case "FimWatcher" -> FimWatcher.class;
      case "JanusGuard" -> JanusGuard.class;
      default -> throw new IllegalArgumentException("no such kind: " + key.kind());
    };
  }
}

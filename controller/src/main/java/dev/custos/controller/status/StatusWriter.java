package dev.custos.controller.status;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.FimWatcher;
import dev.custos.controller.crd.GuardStatus;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Writes a resource's status whenever its numbers differ from those written last. */
public final class StatusWriter implements KeyedQueue.Handler<ResourceKey> {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final KubernetesClient client;
  private final ClusterState state;
  private final SnapshotCache cache;
  private final NodeReports reports;

  private record Written(String uid, PodCounts counts) {}

  private final Map<ResourceKey, Written> written = new ConcurrentHashMap<>();

  public StatusWriter(
      KubernetesClient client, ClusterState state, SnapshotCache cache, NodeReports reports) {
    this.client = client;
    this.state = state;
    this.cache = cache;
    this.reports = reports;
  }

  @Override
  public void handle(ResourceKey key) {
    Optional<DesiredResource> resource = state.resource(key);
    if (resource.isEmpty()) {
      written.remove(key);
      return;
    }
    Written next =
        new Written(resource.get().uid(), PodCounts.of(resource.get(), state, cache, reports));
    if (next.equals(written.get(key))) {
      return;
    }
    patch(key, next.counts());
    written.put(key, next);
  }

  private void patch(ResourceKey key, PodCounts counts) {
    // Only the status travels: whatever the spec has become meanwhile, it is not touched.
    String patch =
        client.getKubernetesSerialization().asJson(Map.of("status", status(key, counts)));
    try {
      client
          .resources(type(key))
          .inNamespace(key.namespace())
          .withName(key.name())
          .subresource("status")
          .patch(MERGE, patch);
    } catch (KubernetesClientException e) {
      // Deleted a moment ago; the informer is about to say so.
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }

  private static Object status(ResourceKey key, PodCounts counts) {
    return key.kind().equals("JanusGuard")
        ? new GuardStatus(counts.generation(), counts.observable(), counts.served())
        : new WatcherStatus(counts.generation(), counts.observable(), counts.served());
  }

  private static Class<? extends CustomResource<?, ?>> type(ResourceKey key) {
    return switch (key.kind()) {
      case "ArgusWatcher" -> ArgusWatcher.class;
      case "FimWatcher" -> FimWatcher.class;
      case "JanusGuard" -> JanusGuard.class;
      default -> throw new IllegalArgumentException("no such kind: " + key.kind());
    };
  }
}

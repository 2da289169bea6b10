package dev.custos.controller.snapshot;

import dev.custos.manifest.Manifest;

/**
 * A custom resource as the API server has it.
 *
 * @param uid differs between two resources that had the same name one after the other
 * @param generation the API server's count of changes to the spec
 * @param fault what the API server's schema could not find wrong with the spec, or empty; a
 *     resource with a fault selects no pod
 */
public record DesiredResource(Manifest manifest, String uid, long generation, String fault) {
  public ResourceKey key() {
    return ResourceKey.of(manifest);
  }

  boolean selects(PlacedPod pod) {
    return fault.isEmpty() && manifest.selector().matches(pod.pod().labels());
  }
}

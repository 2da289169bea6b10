package dev.custos.controller.snapshot;

import dev.custos.manifest.Manifest;
import dev.custos.snapshot.NodeSnapshot;

/** Names a custom resource. */
public record ResourceKey(String kind, String namespace, String name) {
  public static ResourceKey of(Manifest manifest) {
    return new ResourceKey(manifest.kind(), manifest.namespace(), manifest.name());
  }

  public static ResourceKey of(NodeSnapshot.Owner owner) {
    return new ResourceKey(owner.kind(), owner.namespace(), owner.name());
  }

  /** {@code ArgusWatcher default/web}. */
  @Override
  public String toString() {
    return kind + " " + namespace + "/" + name;
  }
}

package dev.custos.manifest;

import java.util.Objects;

/** A resource: who it is and what it asks for. */
public sealed interface Manifest {
  /** {@code ArgusWatcher}, {@code FimWatcher} or {@code JanusGuard}. */
  String kind();

  /** Empty if the manifest names none. */
  String namespace();

  String name();

  LabelSelector selector();

  /** An {@code ArgusWatcher} or a {@code FimWatcher}. */
  record Watcher(String kind, String namespace, String name, WatcherSpec spec) implements Manifest {
    public Watcher {
      Objects.requireNonNull(spec, "spec");
    }

    @Override
    public LabelSelector selector() {
      return spec.selector();
    }
  }

  /** A {@code JanusGuard}. */
  record Guard(String kind, String namespace, String name, GuardSpec spec) implements Manifest {
    public Guard {
      Objects.requireNonNull(spec, "spec");
    }

    @Override
    public LabelSelector selector() {
      return spec.selector();
    }
  }
}

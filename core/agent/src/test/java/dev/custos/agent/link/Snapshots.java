package dev.custos.agent.link;

import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Snapshots of the node {@code node-1}. */
final class Snapshots {
  private Snapshots() {}

  static NodeSnapshot of(String version, String path) {
    return new NodeSnapshot(version, "node-1", List.of(target(NodeSnapshot.HOST, path)));
  }

  static NodeSnapshot.Target target(String id, String path) {
    return new NodeSnapshot.Target(
        id, "shop", "web-0", "uid", "nginx", Map.of("app", "web"), List.of(watch(path)), List.of());
  }

  static NodeSnapshot.WatchSubject watch(String path) {
    return new NodeSnapshot.WatchSubject(
        new NodeSnapshot.Owner("ArgusWatcher", "shop", "web", 2),
        "{event}",
        Map.of("env", "prod"),
        List.of(path),
        Set.of(WatchEvents.Change.MODIFY),
        List.of(),
        false,
        true,
        0,
        false);
  }
}

package dev.custos.agent.container;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Opens the one target of a host: its root directory. */
public final class HostTargetOpener implements TargetOpener {
  private static final Path MOUNT_TABLE = Path.of("/proc/self/mountinfo");

  @Override
  public Map<String, Opening> open(Collection<NodeSnapshot.Target> wanted, String node) {
    Map<String, Opening> openings = new LinkedHashMap<>();
    for (NodeSnapshot.Target target : wanted) {
      openings.put(target.id(), open(target, node));
    }
    return openings;
  }

  private static Opening open(NodeSnapshot.Target target, String node) {
    if (!target.id().equals(NodeSnapshot.HOST)) {
      return new Opening.Failed(
          "container " + target.id() + " is not resolvable here: this agent serves the host alone");
    }
    FileDescriptor root;
    try {
      root = PathOpener.openRoot("/");
    } catch (NativeException e) {
      return new Opening.Failed("the host's root can't be opened: " + e.getMessage());
    }
    Origin origin =
        new Origin(node, target.namespace(), target.pod(), target.container(), target.labels());
    return new Opening.Opened(
        new OpenedTarget(
            new Target(
                target.id(),
                origin,
                root.number(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                MOUNT_TABLE),
            root,
            List.of()));
  }
}

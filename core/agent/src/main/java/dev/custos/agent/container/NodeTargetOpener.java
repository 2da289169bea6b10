package dev.custos.agent.container;

import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Opens the containers of a node, and the host itself where that is asked for. */
public final class NodeTargetOpener implements TargetOpener {
  private final HostTargetOpener host = new HostTargetOpener();
  private final ContainerResolver containers;

  /** One for this node's containers. */
  public NodeTargetOpener() throws IOException {
    containers = ContainerResolver.ofThisNode();
  }

  @Override
  public Map<String, Opening> open(Collection<NodeSnapshot.Target> wanted, String node) {
    List<NodeSnapshot.Target> ofHost = new ArrayList<>();
    List<NodeSnapshot.Target> ofContainers = new ArrayList<>();
    for (NodeSnapshot.Target target : wanted) {
      (target.id().equals(NodeSnapshot.HOST) ? ofHost : ofContainers).add(target);
    }
    Map<String, Opening> openings = new LinkedHashMap<>(host.open(ofHost, node));
    openings.putAll(containers.open(ofContainers, node));
    return openings;
  }
}

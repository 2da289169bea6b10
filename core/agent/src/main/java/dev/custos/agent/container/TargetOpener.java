package dev.custos.agent.container;

import dev.custos.snapshot.NodeSnapshot;
import java.util.Collection;
import java.util.Map;

/**
 * Finds targets of a snapshot on this node and opens their roots. Called by one thread at a time.
 */
public interface TargetOpener {
  /**
   * Opens targets, all in one look at the node.
   *
   * @param node the name of the node, for the targets' origins
   * @return by the targets' ids, an answer for each
   */
  Map<String, Opening> open(Collection<NodeSnapshot.Target> wanted, String node);
}

package dev.custos.agent.container;

import dev.custos.snapshot.NodeSnapshot;

/** Finds a target of a snapshot on this node and opens its root. */
public interface TargetOpener {
  /**
   * Opens a target.
   *
   * @param node the name of the node, for the target's origin
   * @throws TargetException if it can't be found or opened here
   */
  OpenedTarget open(NodeSnapshot.Target target, String node) throws TargetException;
}

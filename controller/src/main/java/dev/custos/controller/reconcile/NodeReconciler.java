package dev.custos.controller.reconcile;

import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.snapshot.NodeSnapshot;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Makes a node's snapshot of the cluster's state and hands it to the node's agent. */
public final class NodeReconciler implements KeyedQueue.Handler<String> {
  private final ClusterState state;
  private final SnapshotCache cache;
  private final Predicate<String> connected;
  private final Consumer<NodeSnapshot> agents;
  private final Consumer<ResourceKey> reinterpreted;

  /**
   * @param connected whether a node's agent is there; for others no snapshot is made
   * @param agents given every snapshot that was made, whether or not it differs from the last
   * @param reinterpreted given each resource whose earlier report is now about another generation
   */
  public NodeReconciler(
      ClusterState state,
      SnapshotCache cache,
      Predicate<String> connected,
      Consumer<NodeSnapshot> agents,
      Consumer<ResourceKey> reinterpreted) {
    this.state = state;
    this.cache = cache;
    this.connected = connected;
    this.agents = agents;
    this.reinterpreted = reinterpreted;
  }

  @Override
  public void handle(String node) {
    if (!connected.test(node)) {
      cache.forget(node);
      return;
    }
    ClusterState.NodeView view = state.node(node);
    // Known before it is sent: the answer may come at once.
    cache.put(view.snapshot(), view.generations()).forEach(reinterpreted);
    agents.accept(view.snapshot());
  }
}

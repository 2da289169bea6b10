package dev.custos.agent.link;

import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.snapshot.NodeSnapshot;
import java.util.List;

/** What a link brings to the controller's wish: the agent. Neither call waits for file systems. */
public interface LinkedNode {
  /** Starts to bring everything to the snapshot's state. */
  NodeOutcome apply(NodeSnapshot snapshot);

  /** How every path stands now that a backend knows of. */
  List<TargetStatus> status();

  /** What was told of so far. */
  OwnerCounts counts();
}

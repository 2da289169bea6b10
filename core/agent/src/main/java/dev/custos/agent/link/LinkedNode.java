package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.snapshot.NodeSnapshot;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a link brings to the controller's wish: the agent. No call waits for file systems. */
public interface LinkedNode {
  /** Starts to bring everything to the snapshot's state. */
  NodeOutcome apply(NodeSnapshot snapshot);

  /** How every path stands now that a backend knows of. */
  List<TargetStatus> status();

  /** What was told of so far. */
  OwnerCounts counts();

  /** Compares the kernel with what it should have, and puts right what differs. */
  CompletableFuture<KernelInspection> inspect();
}

package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node where all is active at once on the host, and no container can be found. */
final class FakeNode implements LinkedNode {
  final OwnerCounts counts = new OwnerCounts();
  final List<NodeSnapshot> applied = new CopyOnWriteArrayList<>();

  /** What {@link #inspect} says. */
  volatile KernelInspection inspection = new KernelInspection(0, 0, List.of());

  /** What {@link #status} says; empty for no news. */
  volatile List<TargetStatus> status = List.of();

  @Override
  public NodeOutcome apply(NodeSnapshot snapshot) {
    applied.add(snapshot);
    List<CompletableFuture<TargetStatus>> targets = new ArrayList<>();
    for (NodeSnapshot.Target target : snapshot.targets()) {
      List<PathState> rows = new ArrayList<>();
      for (NodeSnapshot.WatchSubject watch : target.watches()) {
        Subject subject = subject(watch);
        for (String path : watch.paths()) {
          rows.add(
              target.id().equals(NodeSnapshot.HOST)
                  ? PathState.active(subject, FilePath.of(path))
                  : PathState.failed(subject, FilePath.of(path), "container not resolvable"));
        }
      }
      targets.add(
          CompletableFuture.completedFuture(new TargetStatus(target.id(), rows, rows.size())));
    }
    return new NodeOutcome(targets, List.of());
  }

  static Subject subject(NodeSnapshot.WatchSubject watch) {
    NodeSnapshot.Owner owner = watch.owner();
    return new Subject(owner.kind(), owner.namespace(), owner.name(), owner.index(), watch.tags());
  }

  @Override
  public OwnerCounts counts() {
    return counts;
  }

  @Override
  public CompletableFuture<KernelInspection> inspect() {
    return CompletableFuture.completedFuture(inspection);
  }

  @Override
  public List<TargetStatus> status() {
    return status;
  }
}

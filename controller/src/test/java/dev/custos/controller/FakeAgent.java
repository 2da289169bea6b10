package dev.custos.controller;

import static org.awaitility.Awaitility.await;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Applied;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.CoverageChanged;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** An agent that does what a test tells it to. */
public final class FakeAgent implements StreamObserver<ControllerMessage> {
  /** Long, because machines that build are busy; a test that passes does not wait for it. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<NodeSnapshot> snapshots = new CopyOnWriteArrayList<>();
  private final StreamObserver<AgentMessage> requests;
  private volatile Status end;

  public FakeAgent(Channel channel) {
    this.requests = AgentLinkGrpc.newStub(channel).connect(this);
  }

  public static FakeAgent of(String node, Channel channel) {
    return new FakeAgent(channel).hello(node);
  }

  public FakeAgent hello(String node) {
    send(AgentMessage.newBuilder().setHello(Hello.newBuilder().setNode(node)).build());
    return this;
  }

  public void send(AgentMessage message) {
    requests.onNext(message);
  }

  public void hangUp() {
    requests.onCompleted();
  }

  public List<NodeSnapshot> snapshots() {
    return snapshots;
  }

  public Status awaitEnd() {
    return await().atMost(PATIENCE).until(() -> end, s -> s != null);
  }

  /** The first snapshot from now on, or the last that came, that is as wanted. */
  public NodeSnapshot awaitSnapshot(Predicate<NodeSnapshot> wanted) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> snapshots.isEmpty() ? null : snapshots.get(snapshots.size() - 1),
            s -> s != null && wanted.test(s));
  }

  /** Reports every path of every watch and guard as being in this state. */
  public void applied(NodeSnapshot snapshot, CoverageState state) {
    send(
        AgentMessage.newBuilder()
            .setApplied(
                Applied.newBuilder()
                    .setVersion(snapshot.version())
                    .addAllSubjects(rows(snapshot, state)))
            .build());
  }

  public void coverageChanged(NodeSnapshot snapshot, CoverageState state) {
    send(
        AgentMessage.newBuilder()
            .setCoverageChanged(
                CoverageChanged.newBuilder()
                    .setVersion(snapshot.version())
                    .addAllSubjects(rows(snapshot, state)))
            .build());
  }

  private static List<SubjectReport> rows(NodeSnapshot snapshot, CoverageState state) {
    List<SubjectReport> rows = new ArrayList<>();
    for (NodeSnapshot.Target target : snapshot.targets()) {
      target.watches().forEach(w -> rows.add(row(target, w.owner(), w.paths(), state)));
      target.guards().forEach(g -> rows.add(row(target, g.owner(), g.allow(), state)));
    }
    return rows;
  }

  private static SubjectReport row(
      NodeSnapshot.Target target,
      NodeSnapshot.Owner owner,
      List<String> paths,
      CoverageState state) {
    SubjectReport.Builder row =
        SubjectReport.newBuilder()
            .setTargetId(target.id())
            .setOwner(
                Owner.newBuilder()
                    .setKind(owner.kind())
                    .setNamespace(owner.namespace())
                    .setName(owner.name())
                    .setIndex(owner.index()));
    paths.forEach(p -> row.addPaths(PathReport.newBuilder().setPath(p).setState(state)));
    return row.build();
  }

  @Override
  public void onNext(ControllerMessage message) {
    try {
      snapshots.add(SnapshotCodec.decode(message.getSnapshot()));
    } catch (SnapshotRefusedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onError(Throwable fault) {
    end = Status.fromThrowable(fault);
  }

  @Override
  public void onCompleted() {
    end = Status.OK;
  }
}

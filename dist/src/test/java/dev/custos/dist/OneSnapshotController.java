package dev.custos.dist;

import static org.awaitility.Awaitility.await;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Sends an agent the snapshots that it is told to, and measures how long they take. */
final class OneSnapshotController extends AgentLinkGrpc.AgentLinkImplBase implements AutoCloseable {
  private record Place(String target, String path) {}

  private final Server server;
  private final Map<String, Set<Place>> active = new ConcurrentHashMap<>();
  private volatile StreamObserver<ControllerMessage> agent;

  OneSnapshotController() throws IOException {
    server = NettyServerBuilder.forPort(0).addService(this).build().start();
  }

  int port() {
    return server.getPort();
  }

  void awaitAgent(Duration patience) {
    await("an agent").atMost(patience).until(() -> agent != null);
  }

  /** Returns at once. */
  void send(NodeSnapshot snapshot) throws SnapshotRefusedException {
    agent.onNext(
        ControllerMessage.newBuilder().setSnapshot(SnapshotCodec.encode(snapshot)).build());
  }

  /** Returns after how many milliseconds so many paths of it were active. */
  long send(NodeSnapshot snapshot, int paths, Duration patience) throws SnapshotRefusedException {
    long sent = System.nanoTime();
    send(snapshot);
    await("all active")
        .atMost(patience)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> active.getOrDefault(snapshot.version(), Set.of()).size() == paths);
    return (System.nanoTime() - sent) / 1_000_000;
  }

  @Override
  public StreamObserver<AgentMessage> connect(StreamObserver<ControllerMessage> down) {
    return new StreamObserver<>() {
      @Override
      public void onNext(AgentMessage message) {
        switch (message.getBodyCase()) {
          case HELLO -> agent = down;
          case APPLIED ->
              take(message.getApplied().getVersion(), message.getApplied().getSubjectsList());
          case COVERAGE_CHANGED ->
              take(
                  message.getCoverageChanged().getVersion(),
                  message.getCoverageChanged().getSubjectsList());
          default -> {}
        }
      }

      @Override
      public void onError(Throwable fault) {}

      @Override
      public void onCompleted() {
        down.onCompleted();
      }
    };
  }

  private void take(String version, List<SubjectReport> subjects) {
    Set<Place> places = active.computeIfAbsent(version, v -> ConcurrentHashMap.newKeySet());
    for (SubjectReport subject : subjects) {
      for (PathReport path : subject.getPathsList()) {
        Place place = new Place(subject.getTargetId(), path.getPath());
        if (path.getState() == CoverageState.COVERAGE_STATE_ACTIVE) {
          places.add(place);
        } else {
          places.remove(place);
        }
      }
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}

package dev.custos.agent.link;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A controller that sends what a test tells it to, on a real port. */
final class FakeController extends AgentLinkGrpc.AgentLinkImplBase implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final List<AgentMessage> received = new CopyOnWriteArrayList<>();
  private final Server server;
  private final int port;
  private volatile StreamObserver<ControllerMessage> responses;

  /** Takes a free port if {@code port} is 0. */
  FakeController(int port) throws IOException {
    server = NettyServerBuilder.forPort(port).addService(this).build().start();
    this.port = server.getPort();
  }

  int port() {
    return port;
  }

  @Override
  public StreamObserver<AgentMessage> connect(StreamObserver<ControllerMessage> down) {
    responses = down;
    return new StreamObserver<>() {
      @Override
      public void onNext(AgentMessage message) {
        received.add(message);
      }

      @Override
      public void onError(Throwable fault) {}

      @Override
      public void onCompleted() {}
    };
  }

  /** The first message, from the beginning on, that is as wanted. */
  AgentMessage await(Predicate<AgentMessage> wanted) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> received.stream().filter(wanted).findFirst().orElse(null), m -> m != null);
  }

  void awaitMessages(Predicate<AgentMessage> wanted, int count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> received.stream().filter(wanted).count() >= count);
  }

  void send(NodeSnapshot snapshot) throws SnapshotRefusedException {
    send(SnapshotCodec.encode(snapshot));
  }

  void send(Snapshot message) {
    await(AgentMessage::hasHello);
    responses.onNext(ControllerMessage.newBuilder().setSnapshot(message).build());
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

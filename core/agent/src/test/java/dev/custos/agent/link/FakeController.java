package dev.custos.agent.link;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
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
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of a link that looks for this at once, again and again. */
  static final LinkSettings.Patience QUICK =
      new LinkSettings.Patience(
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));

  final List<AgentMessage> received = new CopyOnWriteArrayList<>();

  /** The header of each stream; empty for none. */
  final List<String> authorized = new CopyOnWriteArrayList<>();

  private final Server server;
  private final int port;
  private volatile StreamObserver<ControllerMessage> responses;
  private volatile boolean reading = true;

  /** Takes a free port if {@code port} is 0. */
  FakeController(int port) throws IOException {
    this(NettyServerBuilder.forPort(port));
  }

  FakeController(NettyServerBuilder transport) throws IOException {
    server =
        transport.addService(ServerInterceptors.intercept(this, authorizations())).build().start();
    this.port = server.getPort();
  }

  private ServerInterceptor authorizations() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String header =
            headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
        authorized.add(header == null ? "" : header);
        return next.startCall(call, headers);
      }
    };
  }

  /** Ends the stream. */
  void end(Status status) {
    responses.onError(status.asRuntimeException());
  }

  int port() {
    return port;
  }

  @Override
  public StreamObserver<AgentMessage> connect(StreamObserver<ControllerMessage> down) {
    responses = down;
    if (!reading) {
      ServerCallStreamObserver<ControllerMessage> flow =
          (ServerCallStreamObserver<ControllerMessage>) down;
      flow.disableAutoRequest();
      flow.request(1);
    }
    return new StreamObserver<>() {
      @Override
      public void onNext(AgentMessage message) {
        received.add(message);
      }

      @Override
      public void onError(Throwable fault) {}

      @Override
      public void onCompleted() {
        down.onCompleted();
      }
    };
  }

  /** From the next stream on. */
  void readsNothingAfterHello() {
    reading = false;
  }

  /** Takes what the stream has for it, and what comes. */
  void readsAgain() {
    ((ServerCallStreamObserver<ControllerMessage>) responses).request(Integer.MAX_VALUE);
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
    sendAtOnce(message);
  }

  /** On the stream that stands. */
  void sendAtOnce(Snapshot message) {
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

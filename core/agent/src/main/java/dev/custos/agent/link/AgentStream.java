package dev.custos.agent.link;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Snapshot;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One stream, on a connection of its own: gRPC's channel would wait by itself between tries, up to
 * two minutes. Everything happens on the link's thread, which gRPC calls back on.
 */
final class AgentStream {
  /** What a stream tells. After {@link #ended} nothing. */
  interface Events {
    void opened();

    /** It takes messages (again). */
    void ready();

    void received(Snapshot snapshot);

    void ended(Status status);
  }

  private static final int CONNECT_MILLIS = 3000;

  /** For a connection that stands and says nothing: longer than any TCP connect. */
  private static final long OPEN_SECONDS = 10;

  private static final long KEEP_ALIVE_SECONDS = 20;
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

  private final Events events;
  private final ManagedChannel channel;
  private ClientCallStreamObserver<AgentMessage> requests;
  private boolean opened;
  private boolean answered;
  private boolean over;

  /** Begins to open it. */
  AgentStream(LinkSettings settings, ScheduledExecutorService thread, Events events) {
    this.events = events;
    channel =
        NettyChannelBuilder.forAddress(settings.host(), settings.port())
            .usePlaintext()
            .executor(thread)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            // A controller's machine that vanished without a word is noticed after these two.
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(SnapshotCodec.MAX_MESSAGE_BYTES)
            .build();
    AgentLinkGrpc.newStub(channel).connect(new Responses());
    var unused =
        thread.schedule(
            () -> {
              if (!opened && !over) {
                end(
                    Status.DEADLINE_EXCEEDED.withDescription(
                        "no answer within " + OPEN_SECONDS + " s"));
              }
            },
            OPEN_SECONDS,
            TimeUnit.SECONDS);
  }

  /** Whether it takes messages without piling them up. */
  boolean isReady() {
    return !over && requests.isReady();
  }

  /** Whether an Applied has gone up. */
  boolean isAnswered() {
    return answered;
  }

  void send(AgentMessage message) {
    if (!over) {
      answered |= message.hasApplied();
      requests.onNext(message);
    }
  }

  /** Ends it without a word to {@link Events}. */
  void close() {
    over = true;
    requests.cancel("the agent stops", null);
    channel.shutdownNow();
  }

  private void end(Status status) {
    if (!over) {
      over = true;
      channel.shutdownNow();
      events.ended(status);
    }
  }

  /** For humans: gRPC's description, and the cause if that says more. */
  static String describe(Status status) {
    String text = status.getDescription() == null ? "" : ": " + status.getDescription();
    Throwable cause = status.getCause();
    String more = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return status.getCode() + text + more;
  }

  private final class Responses implements ClientResponseObserver<AgentMessage, ControllerMessage> {
    @Override
    public void beforeStart(ClientCallStreamObserver<AgentMessage> stream) {
      requests = stream;
      // The next snapshot is asked for when this one is dealt with.
      stream.disableAutoRequestWithInitial(1);
      stream.setOnReadyHandler(
          () -> {
            if (over) {
              return;
            }
            if (!opened) {
              opened = true;
              events.opened();
            }
            events.ready();
          });
    }

    @Override
    public void onNext(ControllerMessage message) {
      if (over) {
        return;
      }
      // Any other body is from a controller of a later version.
      if (message.hasSnapshot()) {
        events.received(message.getSnapshot());
      }
      requests.request(1);
    }

    @Override
    public void onError(Throwable fault) {
      end(Status.fromThrowable(fault));
    }

    @Override
    public void onCompleted() {
      end(Status.UNAVAILABLE.withDescription("the controller ended the stream"));
    }
  }
}

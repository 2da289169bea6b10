package dev.custos.agent.link;

import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Renewal;
import dev.custos.protocol.v1.Snapshot;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
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

  /** For a connection that stands and says nothing: longer than several TCP connects. */
  private static final long OPEN_SECONDS = 15;

  private static final int LONGEST_CHAIN = 10;

  /** A stop is not held up longer by a controller that does not answer. */
  private static final long FINISH_MILLIS = 1000;

  private final Events events;
  private final ManagedChannel channel;
  private ClientCallStreamObserver<AgentMessage> requests;
  private String token;
  private Future<?> renewal = CompletableFuture.completedFuture(null);
  private boolean opened;
  private boolean answered;
  private boolean over;

  /**
   * Begins to open it.
   *
   * @throws IOException if a file that it needs is of no use now; its message says which and why
   */
  AgentStream(LinkSettings settings, ScheduledExecutorService thread, Events events)
      throws IOException {
    this.events = events;
    LinkChannel link = LinkChannel.open(settings, thread);
    channel = link.channel();
    token = link.token();
    ClientCalls.asyncBidiStreamingCall(
        channel.newCall(AgentLinkGrpc.getConnectMethod(), link.options()), new Responses());
    if (settings.security() instanceof LinkSecurity.Tls tls) {
      renewal =
          thread.scheduleWithFixedDelay(
              () -> renew(tls.token()),
              tls.renewal().toMillis(),
              tls.renewal().toMillis(),
              TimeUnit.MILLISECONDS);
    }
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

  /** Sends the token's successor as soon as there is one, so that the stream outlives the token. */
  private void renew(Path file) {
    if (!isReady()) {
      return;
    }
    String read;
    try {
      read = LinkFiles.token(file);
    } catch (IOException e) {
      // Being replaced, perhaps. The next look may find it; if none does, the controller ends the
      // stream, and the next one says what is wrong with the file.
      return;
    }
    if (!read.equals(token)) {
      token = read;
      send(AgentMessage.newBuilder().setRenewal(Renewal.newBuilder().setToken(read)).build());
    }
  }

  /** Begins to end it without a word to {@link Events}; what was sent still goes out. */
  void finish() {
    if (over) {
      return;
    }
    over = true;
    renewal.cancel(false);
    if (opened) {
      requests.onCompleted();
      channel.shutdown();
    } else {
      requests.cancel("the agent stops", null);
      channel.shutdownNow();
    }
  }

  /** Returns when what was sent is out, or will not get out. Any thread. */
  void awaitEnd() throws InterruptedException {
    boolean ended = channel.awaitTermination(FINISH_MILLIS, TimeUnit.MILLISECONDS);
    if (!ended) {
      channel.shutdownNow();
    }
  }

  private void end(Status status) {
    if (!over) {
      over = true;
      renewal.cancel(false);
      channel.shutdownNow();
      events.ended(status);
    }
  }

  /** For humans: gRPC's description, and what the causes say beyond it. */
  static String describe(Status status) {
    StringBuilder text = new StringBuilder(status.getCode().toString());
    if (status.getDescription() != null) {
      // Below the first line gRPC lists its own parts.
      text.append(": ").append(status.getDescription().lines().findFirst().orElse(""));
    }
    Throwable cause = status.getCause();
    // Bounded, because nothing forbids a cycle of causes.
    for (int i = 0; cause != null && i < LONGEST_CHAIN; i++, cause = cause.getCause()) {
      if (cause.getMessage() != null && text.indexOf(cause.getMessage()) < 0) {
        text.append(": ").append(cause.getMessage());
      }
    }
    return text.toString();
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

package dev.custos.controller.server;

import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Refused;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One agent's stream. */
final class AgentSession implements StreamObserver<AgentMessage> {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);

  // A node's name is a DNS subdomain (RFC 1123) of at most 253 characters.
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  private final ServerCallStreamObserver<ControllerMessage> responses;
  private final AgentSessions sessions;

  // Only gRPC's thread for this stream writes it; null until Hello.
  private volatile String node;

  // The newest snapshot that was not handed to the transport yet: what an agent is too slow to
  // take is replaced, not queued, because only the newest is of use.
  private ControllerMessage unsent;
  private String offered = "";
  private boolean ended;

  AgentSession(ServerCallStreamObserver<ControllerMessage> responses, AgentSessions sessions) {
    this.responses = responses;
    this.sessions = sessions;
    responses.setOnReadyHandler(this::drain);
    responses.setOnCancelHandler(this::gone);
  }

  @Override
  public void onNext(AgentMessage message) {
    if (message.hasHello() == (node != null)) {
      refuse(
          Status.FAILED_PRECONDITION.withDescription("Hello is the first message, and only that"));
      return;
    }
    try {
      switch (message.getBodyCase()) {
        case HELLO -> hello(message.getHello());
        case APPLIED -> {
          if (sessions.isCurrent(node, this)) {
            sessions
                .events()
                .applied(
                    node,
                    message.getApplied().getVersion(),
                    Reports.read(message.getApplied().getSubjectsList()));
          }
        }
        case COVERAGE_CHANGED -> {
          if (sessions.isCurrent(node, this)) {
            sessions
                .events()
                .coverageChanged(
                    node,
                    message.getCoverageChanged().getVersion(),
                    Reports.read(message.getCoverageChanged().getSubjectsList()));
          }
        }
        case REFUSED -> refused(message.getRefused());
        case EVENT_COUNTS, BODY_NOT_SET ->
            // Nobody asks for the counts yet; the other is from an agent of a later version.
            LOG.debug("passed over {} from node {}", message.getBodyCase(), node);
      }
    } catch (IllegalArgumentException e) {
      refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
    }
  }

  private void hello(Hello hello) {
    if (!NODE_NAME.matcher(hello.getNode()).matches()) {
      throw new IllegalArgumentException("hello.node: is not the name of a node");
    }
    node = hello.getNode();
    sessions.open(node, Reports.facts(hello), this);
  }

  private void refused(Refused refusal) {
    String version = Reports.printable(refusal.getVersion());
    String reason = Reports.printable(refusal.getReason());
    LOG.error("agent of node {} refuses its snapshot: {}", node, reason);
    if (sessions.isCurrent(node, this)) {
      sessions.events().refused(node, version, reason);
    }
  }

  /** Whether this is the last version that was given to {@link #send}. */
  synchronized boolean hasBeenSent(String version) {
    return offered.equals(version);
  }

  synchronized void send(ControllerMessage snapshot) {
    offered = snapshot.getSnapshot().getVersion();
    unsent = snapshot;
    drain();
  }

  private synchronized void drain() {
    if (unsent != null && !ended && responses.isReady()) {
      responses.onNext(unsent);
      unsent = null;
    }
  }

  /** Ends the stream with an error for the agent. */
  void refuse(Status status) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      responses.onError(status.asRuntimeException());
    }
    gone();
  }

  @Override
  public void onError(Throwable fault) {
    LOG.debug("stream of node {} broke", node, fault);
    gone();
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      if (!ended) {
        ended = true;
        responses.onCompleted();
      }
    }
    gone();
  }

  private void gone() {
    synchronized (this) {
      ended = true;
      unsent = null;
    }
    if (node != null) {
      sessions.close(node, this);
    }
  }
}

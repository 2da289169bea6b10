package dev.custos.controller.server;

import dev.custos.controller.identity.AgentIdentity;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Inspected;
import dev.custos.protocol.v1.Refused;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One agent's stream. Nothing of it is read before its agent has proved who it is. */
final class AgentSession implements StreamObserver<AgentMessage>, AgentProof.Stream {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);

  // A node's name is a DNS subdomain (RFC 1123) of at most 253 characters.
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  private final ServerCallStreamObserver<ControllerMessage> responses;
  private final AgentSessions sessions;
  private final String peer;

  // Null where agents need not prove themselves.
  private final AgentProof proof;

  // Only gRPC's thread for this stream writes it; null until Hello.
  private volatile String node;

  // The newest snapshot that was not handed to the transport yet: what an agent is too slow to
  // take is replaced, not queued, because only the newest is of use. Not yet a message either: a
  // snapshot shares its parts with the cluster's state, so that agents which take nothing cost
  // nothing but the one message that their transport holds.
  private NodeSnapshot unsent;
  private String offered = "";
  private final SentSnapshots sent = new SentSnapshots();
  private boolean ended;

  AgentSession(
      ServerCallStreamObserver<ControllerMessage> responses, AgentSessions sessions, String peer) {
    this.responses = responses;
    this.sessions = sessions;
    this.peer = peer;
    this.proof =
        sessions
            .admission()
            .map(admission -> new AgentProof(admission, sessions.timer(), peer, this))
            .orElse(null);
    responses.disableAutoRequest();
    responses.setOnReadyHandler(this::drain);
    responses.setOnCancelHandler(this::gone);
  }

  /** Has it looked at who is there, and then reads what the agent says. */
  void begin(String token) {
    if (proof == null) {
      listen();
    } else {
      proof.begin(token);
    }
  }

  @Override
  public void proven(AgentIdentity identity) {
    listen();
  }

  private void listen() {
    var unused =
        sessions
            .timer()
            .schedule(
                () -> {
                  if (node == null) {
                    refuse(Status.DEADLINE_EXCEEDED.withDescription("no Hello"));
                  }
                },
                sessions.helloWithin().toMillis(),
                TimeUnit.MILLISECONDS);
    responses.request(1);
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
        case APPLIED ->
            own(message.getApplied().getVersion(), message.getApplied().getSubjectsList())
                .ifPresent(
                    rows ->
                        sessions.events().applied(node, message.getApplied().getVersion(), rows));
        case COVERAGE_CHANGED ->
            own(
                    message.getCoverageChanged().getVersion(),
                    message.getCoverageChanged().getSubjectsList())
                .ifPresent(
                    rows ->
                        sessions
                            .events()
                            .coverageChanged(
                                node, message.getCoverageChanged().getVersion(), rows));
        case REFUSED -> refused(message.getRefused());
        case RENEWAL -> renewed(message.getRenewal().getToken());
        case INSPECTED -> inspected(message.getInspected());
        case EVENT_COUNTS -> {
          if (sessions.isCurrent(node, this)) {
            sessions.events().counted(node, Reports.totals(message.getEventCounts()));
          }
        }
        case BODY_NOT_SET ->
            // From an agent of a later version.
            LOG.debug("passed over a message from node {}", node);
      }
      // The next is asked for when this one is dealt with.
      responses.request(1);
    } catch (IllegalArgumentException e) {
      refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
    }
  }

  private void hello(Hello hello) {
    if (!NODE_NAME.matcher(hello.getNode()).matches()) {
      throw new IllegalArgumentException("hello.node: is not the name of a node");
    }
    if (proof != null && !proof.identity().node().equals(hello.getNode())) {
      refuse(
          Status.PERMISSION_DENIED.withDescription(
              "hello.node: is "
                  + hello.getNode()
                  + ", and the token's pod runs on "
                  + proof.identity().node()));
      return;
    }
    node = hello.getNode();
    sessions.open(node, Reports.facts(hello), this);
  }

  /** Whether the agent's pod is still there; for agents that need not prove themselves, yes. */
  boolean isLive() {
    return proof == null || sessions.admission().orElseThrow().isLive(proof.identity());
  }

  /** Ends the stream if it is that pod's. */
  void podGone(String uid) {
    if (proof != null && proof.identity().podUid().equals(uid)) {
      refuse(Status.UNAUTHENTICATED.withDescription("the token's pod is gone"));
    }
  }

  private void renewed(String token) {
    if (proof != null) {
      proof.renew(token);
    }
  }

  /** Those rows that are about this node; empty if nobody is to hear of them. */
  private Optional<List<ReportedSubject>> own(String version, List<SubjectReport> rows) {
    if (!sessions.isCurrent(node, this)) {
      return Optional.empty();
    }
    List<ReportedSubject> read = Reports.read(rows);
    Optional<List<ReportedSubject>> own;
    synchronized (this) {
      own = sent.own(version, read);
    }
    int refusedRows = read.size() - own.map(List::size).orElse(0);
    if (refusedRows > 0) {
      sessions.refusedRows(node, refusedRows);
    }
    return own;
  }

  private void refused(Refused refusal) {
    String version = Reports.printable(refusal.getVersion());
    String reason = Reports.printable(refusal.getReason());
    LOG.error("agent of node {} refuses its snapshot: {}", node, reason);
    if (sessions.isCurrent(node, this)) {
      sessions.events().refused(node, version, reason);
    }
  }

  private void inspected(Inspected inspection) {
    if (sessions.isCurrent(node, this)) {
      sessions.inspected(node, Reports.inspection(inspection));
    }
  }

  /** Sends it as soon as the agent takes it, unless it was the last that was given to this. */
  void send(NodeSnapshot snapshot) {
    synchronized (this) {
      if (offered.equals(snapshot.version())) {
        return;
      }
      offered = snapshot.version();
      unsent = snapshot;
    }
    drain();
  }

  private void drain() {
    NodeSnapshot next;
    SnapshotRefusedException fault;
    synchronized (this) {
      if (unsent == null || ended || !responses.isReady()) {
        return;
      }
      next = unsent;
      unsent = null;
      try {
        Snapshot message = SnapshotCodec.encode(next);
        sent.add(next);
        responses.onNext(ControllerMessage.newBuilder().setSnapshot(message).build());
        return;
      } catch (SnapshotRefusedException e) {
        fault = e;
      }
    }
    // Not tried again before there is another version.
    sessions.tooLarge(next, fault);
  }

  /** Ends the stream with an error for the agent. */
  @Override
  public void refuse(Status status) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      responses.onError(status.asRuntimeException());
    }
    sessions.refusedStream(node == null ? peer : "node " + node, status);
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
    if (proof != null) {
      proof.close();
    }
    if (node != null) {
      sessions.close(node, this);
    }
  }
}

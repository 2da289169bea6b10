package dev.custos.controller.server;

import dev.custos.controller.status.AgentFacts;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC service: one session for each node whose agent is connected. */
public final class AgentSessions extends AgentLinkGrpc.AgentLinkImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);

  private final AgentEvents events;
  private final Map<String, AgentSession> byNode = new ConcurrentHashMap<>();

  public AgentSessions(AgentEvents events) {
    this.events = events;
  }

  @Override
  public StreamObserver<AgentMessage> connect(StreamObserver<ControllerMessage> responses) {
    return new AgentSession((ServerCallStreamObserver<ControllerMessage>) responses, this);
  }

  public boolean isConnected(String node) {
    return byNode.containsKey(node);
  }

  /** Sends a node its snapshot, unless its agent has it already or there is none. */
  public void send(NodeSnapshot snapshot) {
    AgentSession session = byNode.get(snapshot.node());
    if (session == null || session.hasBeenSent(snapshot.version())) {
      return;
    }
    try {
      Snapshot message = SnapshotCodec.encode(snapshot);
      session.send(ControllerMessage.newBuilder().setSnapshot(message).build());
    } catch (SnapshotRefusedException e) {
      LOG.error("node {} keeps its old snapshot: {}", snapshot.node(), e.getMessage());
    }
  }

  AgentEvents events() {
    return events;
  }

  /** The session is its node's from now on. */
  void open(String node, AgentFacts facts, AgentSession session) {
    AgentSession previous = byNode.put(node, session);
    if (previous != null) {
      // An agent that connects anew before the old stream was found dead.
      previous.refuse(Status.ABORTED.withDescription("another stream of node " + node));
      events.disconnected(node);
    }
    LOG.info("agent of node {} connected", node);
    events.connected(node, facts);
  }

  /** Does nothing if another session has become the node's meanwhile. */
  void close(String node, AgentSession session) {
    if (byNode.remove(node, session)) {
      LOG.info("agent of node {} is gone", node);
      events.disconnected(node);
    }
  }

  boolean isCurrent(String node, AgentSession session) {
    return byNode.get(node) == session;
  }
}

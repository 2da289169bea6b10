package dev.custos.controller.server;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.KernelInspection;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC service: one session for each node whose agent is connected. */
public final class AgentSessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);
  private static final long BETWEEN_WARNINGS = TimeUnit.SECONDS.toNanos(1);

  /** For a stream that says nothing; an agent says Hello at once. */
  private static final Duration HELLO = Duration.ofSeconds(30);

  private static final String WAY_OUT =
      "let fewer resources select pods of this node, or name fewer paths in them";

  private final AgentEvents events;
  private final Duration helloWithin;
  private final Optional<Admission> admission;
  private final Map<String, AgentSession> byNode = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor timer;

  private final LongAdder streamsRefused = new LongAdder();
  private final LongAdder rowsRefused = new LongAdder();
  private final LongAdder inspections = new LongAdder();
  private final LongAdder differences = new LongAdder();
  private final AtomicLong lastWarning = new AtomicLong(System.nanoTime() - BETWEEN_WARNINGS);

  /**
   * Serves nobody yet.
   *
   * @param admission decides who agents are; empty to believe every agent what node it says it is
   */
  public AgentSessions(AgentEvents events, Optional<Admission> admission) {
    this(events, admission, HELLO);
  }

  /**
   * As above.
   *
   * @param helloWithin after which a stream that says nothing is ended
   */
  public AgentSessions(AgentEvents events, Optional<Admission> admission, Duration helloWithin) {
    this.helloWithin = helloWithin;
    this.events = events;
    this.admission = admission;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "agent-sessions");
              thread.setDaemon(true);
              return thread;
            },
            // After close streams still end, and have things to schedule that nobody needs.
            new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** For a server to serve. */
  public ServerServiceDefinition service() {
    return ServerInterceptors.intercept(new Streams(), new BearerTokens());
  }

  private final class Streams extends AgentLinkGrpc.AgentLinkImplBase {
    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<ControllerMessage> responses) {
      AgentSession session =
          new AgentSession(
              (ServerCallStreamObserver<ControllerMessage>) responses,
              AgentSessions.this,
              BearerTokens.PEER.get());
      session.begin(BearerTokens.TOKEN.get());
      return session;
    }
  }

  public boolean isConnected(String node) {
    return byNode.containsKey(node);
  }

  /** Sends a node its snapshot, unless its agent has it already or there is none. */
  public void send(NodeSnapshot snapshot) {
    AgentSession session = byNode.get(snapshot.node());
    if (session != null) {
      session.send(snapshot);
    }
  }

  /** No agent would take it. */
  void tooLarge(NodeSnapshot snapshot, SnapshotRefusedException fault) {
    String reason = fault.getMessage() + "; " + WAY_OUT;
    LOG.error("node {} keeps its old snapshot: {}", snapshot.node(), reason);
    events.tooLarge(snapshot.node(), snapshot.version(), reason);
  }

  Duration helloWithin() {
    return helloWithin;
  }

  /** An agent's pod is not there any more. Must be told of every such pod. */
  public void podGone(String uid) {
    byNode.values().forEach(session -> session.podGone(uid));
  }

  public LinkFigures figures() {
    return new LinkFigures(
        byNode.size(),
        streamsRefused.sum(),
        rowsRefused.sum(),
        inspections.sum(),
        differences.sum());
  }

  AgentEvents events() {
    return events;
  }

  Optional<Admission> admission() {
    return admission;
  }

  ScheduledExecutorService timer() {
    return timer;
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
    if (!session.isLive()) {
      // Its pod went after the token was reviewed, and before this session could be told.
      session.refuse(Status.UNAUTHENTICATED.withDescription("the token's pod is gone"));
    }
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

  void refusedRows(String node, int rows) {
    rowsRefused.add(rows);
    warn("node {} reports {} rows about what it was not asked for", node, rows);
  }

  void refusedStream(String whose, Status status) {
    streamsRefused.increment();
    warn(
        "stream of {} refused: {}; {} so far",
        whose,
        status.getCode() + ": " + status.getDescription(),
        streamsRefused.sum());
  }

  void inspected(String node, KernelInspection inspection) {
    inspections.increment();
    if (!inspection.matches()) {
      differences.increment();
      LOG.warn(
          "node {} had {} of {} kernel objects, and puts it right: {}",
          node,
          inspection.found(),
          inspection.expected(),
          inspection.differences());
    }
    events.inspected(node, inspection);
  }

  // One a second: whoever can reach the port could otherwise fill the log.
  private void warn(String format, Object... arguments) {
    long now = System.nanoTime();
    long last = lastWarning.get();
    if (now - last >= BETWEEN_WARNINGS && lastWarning.compareAndSet(last, now)) {
      LOG.warn(format, arguments);
    }
  }

  /** Waits for nothing any more; the server ends the streams. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}

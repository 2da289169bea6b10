package dev.custos.controller;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.metrics.EventTotal;
import dev.custos.controller.metrics.EventTotals;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.reconcile.NodeReconciler;
import dev.custos.controller.server.AgentEvents;
import dev.custos.controller.server.AgentSessions;
import dev.custos.controller.server.LinkFigures;
import dev.custos.controller.snapshot.ClusterChange;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.EventReason;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.NodeFault;
import dev.custos.controller.status.NodeReports;
import dev.custos.controller.status.Pace;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.controller.status.ResourceEvents;
import dev.custos.controller.status.StatusWriter;
import dev.custos.controller.status.Time;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What there is only while this replica leads: the port, the agents' streams, what they report, and
 * what is written of it. The next term begins with nothing of it.
 */
final class Term implements AutoCloseable {
  private static final int NODE_THREADS = 2;

  // A loss that an agent told of before this term was told on by the leader before; but clocks
  // differ.
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(15);

  private final Instant newsSince = Instant.now().minus(CLOCK_SKEW);
  private final Map<String, String> runs = new ConcurrentHashMap<>();
  private final ControllerMetrics metrics;
  private final ClusterState state;
  private final NodeReports reports = new NodeReports(Time.SYSTEM::nanos);
  private final ResourceEvents events;
  private final KeyedQueue<String> nodes;
  private final KeyedQueue<ResourceKey> statuses;
  private final AgentSessions sessions;
  private final Server server;

  /** Lets nobody in yet. */
  Term(
      KubernetesClient client,
      ClusterState state,
      ServerBuilder<?> transport,
      Optional<Admission> admission,
      Pace pace,
      ControllerMetrics metrics) {
    this.metrics = metrics;
    this.state = state;
    SnapshotCache cache = new SnapshotCache();
    this.sessions = new AgentSessions(new Reactions(), admission);
    this.events = new ResourceEvents(client, pace, Time.SYSTEM, metrics);
    this.statuses =
        new KeyedQueue<>(
            "statuses",
            1,
            new StatusWriter(
                client,
                state,
                cache,
                reports,
                Time.SYSTEM,
                pace,
                this::statusLater,
                events,
                metrics.statusWrites()));
    this.nodes =
        new KeyedQueue<>(
            "nodes",
            NODE_THREADS,
            timed(
                new NodeReconciler(
                    state, cache, sessions::isConnected, this::wanted, statuses::add)));
    this.server =
        transport
            .addService(sessions.service())
            .maxInboundMessageSize(SnapshotCodec.MAX_REPORT_BYTES)
            .build();
  }

  /**
   * Lets agents in.
   *
   * @throws IOException if the port can't be bound
   */
  void start() throws IOException {
    server.start();
    // What changed before this term is in no queue of it.
    state.resources().forEach(statuses::add);
  }

  /** The port that agents connect to; -1 if there is none. */
  int port() {
    return server.getPort();
  }

  /** An agent's pod is not there any more. */
  void podGone(String uid) {
    sessions.podGone(uid);
  }

  /** Something in the cluster is different now. */
  void changed(ClusterChange change) {
    change.nodes().forEach(nodes::add);
    for (ResourceKey resource : change.resources()) {
      statuses.add(resource);
      if (state.resource(resource).isEmpty()) {
        metrics.events().removed(resource);
      }
    }
  }

  /** Ends every stream. Agents go on with the snapshot that they have. */
  @Override
  public void close() {
    server.shutdownNow();
    sessions.close();
    nodes.close();
    statuses.close();
    events.close();
    metrics.events().clear();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private KeyedQueue.Handler<String> timed(NodeReconciler reconciler) {
    return node -> {
      long begun = System.nanoTime();
      reconciler.handle(node);
      metrics.builds().took(System.nanoTime() - begun);
    };
  }

  private void wanted(NodeSnapshot snapshot) {
    if (reports.wanted(snapshot.node(), snapshot.version())) {
      state.selecting(snapshot.node()).forEach(statuses::add);
    }
    metrics.ackTimes().sent(snapshot.node(), snapshot.version());
    sessions.send(snapshot);
  }

  LinkFigures figures() {
    return sessions.figures();
  }

  /** Keys that wait for their turn, by the queue's name. */
  Map<String, Integer> queues() {
    return Map.of("nodes", nodes.depth(), "statuses", statuses.depth(), "events", events.depth());
  }

  /** Why queues do not move any more. */
  List<String> standstills() {
    return Stream.of(nodes.standstill(), statuses.standstill(), events.standstill())
        .flatMap(Optional::stream)
        .toList();
  }

  private void statusLater(ResourceKey resource, Duration delay) {
    statuses.add(resource, delay);
  }

  private final class Reactions implements AgentEvents {
    @Override
    public void connected(String node, AgentFacts facts) {
      runs.put(node, facts.runId());
      reports.connected(node);
      update(state.selecting(node));
      nodes.add(node);
    }

    @Override
    public void applied(String node, String version, List<ReportedSubject> subjects) {
      metrics.ackTimes().answered(node, version);
      update(reports.applied(node, version, subjects));
    }

    @Override
    public void coverageChanged(String node, String version, List<ReportedSubject> subjects) {
      update(reports.changed(node, version, subjects));
    }

    @Override
    public void refused(String node, String version, String reason) {
      metrics.ackTimes().answered(node, version);
      metrics.snapshotsRefused().increment("agent");
      faulty(node, version, new NodeFault(NodeFault.Kind.REFUSED, reason));
    }

    @Override
    public void tooLarge(String node, String version, String reason) {
      metrics.ackTimes().gone(node);
      metrics.snapshotsRefused().increment("controller");
      faulty(node, version, new NodeFault(NodeFault.Kind.TOO_LARGE, reason));
    }

    private void faulty(String node, String version, NodeFault fault) {
      reports.faulty(node, version, fault);
      update(state.selecting(node));
    }

    @Override
    public void inspected(String node, KernelInspection inspection) {
      // Counted where it came in, and the agent puts it right: what changes by that it reports.
    }

    @Override
    public void counted(String node, List<EventTotal> totals) {
      Set<ResourceKey> asked = state.selecting(node);
      String run = runs.getOrDefault(node, "");
      metrics.events().update(node, run, totals, asked::contains, newsSince).forEach(this::lost);
    }

    private void lost(EventTotals.Loss loss) {
      state
          .resource(loss.resource())
          .ifPresent(
              resource ->
                  events.tell(
                      loss.resource(), resource.uid(), EventReason.LOST, loss.description()));
    }

    @Override
    public void disconnected(String node) {
      metrics.ackTimes().gone(node);
      metrics.events().gone(node);
      update(reports.gone(node));
      update(state.selecting(node));
      nodes.add(node);
    }

    private void update(Set<ResourceKey> resources) {
      resources.forEach(statuses::add);
    }
  }
}

package dev.custos.controller;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.reconcile.NodeReconciler;
import dev.custos.controller.server.AgentEvents;
import dev.custos.controller.server.AgentSessions;
import dev.custos.controller.snapshot.ClusterChange;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.NodeFault;
import dev.custos.controller.status.NodeReports;
import dev.custos.controller.status.Pace;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.controller.status.StatusWriter;
import dev.custos.controller.status.Time;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What there is only while this replica leads: the port, the agents' streams, what they report, and
 * what is written of it. The next term begins with nothing of it.
 */
final class Term implements AutoCloseable {
  private static final int NODE_THREADS = 2;

  /** In bytes: more than a hundred thousand paths of ordinary length. */
  private static final int LARGEST_REPORT = 16 << 20;

  private final ClusterState state;
  private final NodeReports reports = new NodeReports(Time.SYSTEM::nanos);
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
      Pace pace) {
    this.state = state;
    SnapshotCache cache = new SnapshotCache();
    this.sessions = new AgentSessions(new Reactions(), admission);
    this.statuses =
        new KeyedQueue<>(
            "statuses",
            1,
            new StatusWriter(client, state, cache, reports, Time.SYSTEM, pace, this::statusLater));
    this.nodes =
        new KeyedQueue<>(
            "nodes",
            NODE_THREADS,
            new NodeReconciler(
                state,
                cache,
                sessions::isConnected,
                snapshot -> {
                  wanted(snapshot);
                  sessions.send(snapshot);
                },
                statuses::add));
    this.server =
        transport.addService(sessions.service()).maxInboundMessageSize(LARGEST_REPORT).build();
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
    change.resources().forEach(statuses::add);
  }

  /** Ends every stream. Agents go on with the snapshot that they have. */
  @Override
  public void close() {
    server.shutdownNow();
    sessions.close();
    nodes.close();
    statuses.close();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wanted(NodeSnapshot snapshot) {
    if (reports.wanted(snapshot.node(), snapshot.version())) {
      state.selecting(snapshot.node()).forEach(statuses::add);
    }
  }

  private void statusLater(ResourceKey resource, Duration delay) {
    statuses.add(resource, delay);
  }

  private final class Reactions implements AgentEvents {
    @Override
    public void connected(String node, AgentFacts facts) {
      reports.connected(node);
      update(state.selecting(node));
      nodes.add(node);
    }

    @Override
    public void applied(String node, String version, List<ReportedSubject> subjects) {
      update(reports.applied(node, version, subjects));
    }

    @Override
    public void coverageChanged(String node, String version, List<ReportedSubject> subjects) {
      update(reports.changed(node, version, subjects));
    }

    @Override
    public void refused(String node, String version, String reason) {
      faulty(node, version, new NodeFault(NodeFault.Kind.REFUSED, reason));
    }

    @Override
    public void tooLarge(String node, String version, String reason) {
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
    public void disconnected(String node) {
      update(reports.gone(node));
      update(state.selecting(node));
      nodes.add(node);
    }

    private void update(Set<ResourceKey> resources) {
      resources.forEach(statuses::add);
    }
  }
}

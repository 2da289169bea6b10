package dev.custos.controller;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.reconcile.ClusterInformers;
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
import dev.custos.controller.status.NodeReports;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.controller.status.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The whole controller. Holds nothing that it could not make anew of the API server's objects. */
public final class Controller implements AutoCloseable {
  private static final int NODE_THREADS = 2;
  private static final Duration LISTING = Duration.ofSeconds(60);

  /** In bytes: more than a hundred thousand paths of ordinary length. */
  private static final int LARGEST_REPORT = 16 << 20;

  private final NodeReports reports = new NodeReports();
  private final KeyedQueue<String> nodes;
  private final KeyedQueue<ResourceKey> statuses;
  private final AgentSessions sessions;
  private final ClusterInformers informers;
  private final Server server;

  /**
   * Starts nothing yet, and will believe every agent.
   *
   * @param transport where agents connect to
   */
  public Controller(KubernetesClient client, ServerBuilder<?> transport) {
    this(client, transport, new AgentPods(AgentAccount.DEFAULT), Optional.empty());
  }

  /**
   * Starts nothing yet.
   *
   * @param pods kept to what the API server says of the agents' own pods
   * @param admission decides who agents are; empty to believe every agent what node it says it is
   */
  public Controller(
      KubernetesClient client,
      ServerBuilder<?> transport,
      AgentPods pods,
      Optional<Admission> admission) {
    ClusterState state = new ClusterState();
    SnapshotCache cache = new SnapshotCache();
    this.sessions = new AgentSessions(new Reactions(), admission);
    pods.onGone(sessions::podGone);
    this.statuses =
        new KeyedQueue<>("statuses", 1, new StatusWriter(client, state, cache, reports));
    this.nodes =
        new KeyedQueue<>(
            "nodes",
            NODE_THREADS,
            new NodeReconciler(state, cache, sessions::isConnected, sessions::send, statuses::add));
    this.informers = new ClusterInformers(client, state, pods, this::changed);
    this.server =
        transport.addService(sessions.service()).maxInboundMessageSize(LARGEST_REPORT).build();
  }

  /**
   * Lists the cluster, and only then lets agents in.
   *
   * @throws ExecutionException if the API server refuses
   * @throws TimeoutException if it does not answer
   * @throws IOException if the port can't be bound
   */
  public void start()
      throws ExecutionException, TimeoutException, InterruptedException, IOException {
    informers.start(LISTING);
    server.start();
  }

  /** The port that agents connect to; -1 if there is none. */
  public int port() {
    return server.getPort();
  }

  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /** Ends every stream. Agents go on with the snapshot that they have. */
  @Override
  public void close() {
    server.shutdownNow();
    sessions.close();
    informers.close();
    nodes.close();
    statuses.close();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void changed(ClusterChange change) {
    change.nodes().forEach(nodes::add);
    change.resources().forEach(statuses::add);
  }

  private final class Reactions implements AgentEvents {
    @Override
    public void connected(String node, AgentFacts facts) {
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
      // The stream has said so in the log; nothing of the node's state is different.
    }

    @Override
    public void inspected(String node, KernelInspection inspection) {
      // Counted where it came in, and the agent puts it right: what changes by that it reports.
    }

    @Override
    public void disconnected(String node) {
      update(reports.gone(node));
      nodes.add(node);
    }

    private void update(Set<ResourceKey> resources) {
      resources.forEach(statuses::add);
    }
  }
}

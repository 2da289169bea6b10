package dev.custos.controller.server.simulation;

import dev.custos.controller.metrics.EventTotal;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.reconcile.NodeReconciler;
import dev.custos.controller.server.AgentEvents;
import dev.custos.controller.server.AgentSessions;
import dev.custos.controller.snapshot.ClusterChange;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.NodeReports;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.protocol.SnapshotCodec;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The controller without its API server: state, snapshots, queue and streams are the real ones, the
 * informers are replaced by calls, and statuses are not written.
 */
public final class Simulation implements AutoCloseable {
  private static final int NODE_THREADS = 2;

  /**
   * How large, and how long.
   *
   * @param connections how many TCP connections the agents share
   * @param additions pods that are added one by one
   * @param perSecond how many of them in a second
   * @param patience how long to wait for what must come
   */
  public record Size(
      int agents,
      int pods,
      int watchers,
      int connections,
      int additions,
      int perSecond,
      Duration patience) {}

  private final Size size;
  private final Consumer<String> progress;
  private final SimulatedCluster cluster;
  private final ClusterState state = new ClusterState();
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private Streams streams;

  /**
   * @param progress told what is being done
   */
  public Simulation(Size size, Consumer<String> progress) {
    this.size = size;
    this.progress = progress;
    this.cluster = new SimulatedCluster(size.agents(), size.pods(), size.watchers());
  }

  /**
   * Does all of it.
   *
   * @throws TimeoutException if agents did not answer
   * @throws IOException if the port can't be bound, or streams broke
   */
  public Figures run() throws IOException, InterruptedException, TimeoutException {
    progress.accept("listing " + size.pods() + " pods and " + size.watchers() + " watchers");
    long listed = timed(this::list);

    progress.accept("connecting " + size.agents() + " agents");
    long connected = timed(this::connect);
    long heapConnected = heapInUse();

    progress.accept("adding " + size.additions() + " pods, " + size.perSecond() + " a second");
    Latencies latencies = add();

    progress.accept("changing every watcher: each agent gets another snapshot");
    long changed = timed(this::changeAll);
    long heapChanged = heapInUse();

    progress.accept("ending every stream, and beginning anew: each agent gets its snapshot again");
    streams.close();
    acknowledgements.begin();
    long resynced = timed(this::connect);
    return new Figures(
        listed, connected, latencies, changed, resynced, Math.max(heapConnected, heapChanged));
  }

  /** A step that can fail. */
  private interface Step {
    void run() throws IOException, InterruptedException, TimeoutException;
  }

  private static long timed(Step step) throws IOException, InterruptedException, TimeoutException {
    long begun = System.nanoTime();
    step.run();
    return System.nanoTime() - begun;
  }

  private void list() {
    for (int i = 0; i < size.watchers(); i++) {
      state.put(cluster.watcher(i, 1));
    }
    for (int i = 0; i < size.pods(); i++) {
      state.put(cluster.pod(i));
    }
  }

  private void connect() throws IOException, InterruptedException, TimeoutException {
    streams = new Streams();
    await(() -> acknowledgements.nodes() == size.agents());
  }

  private Latencies add() throws InterruptedException, IOException, TimeoutException {
    Latencies latencies = new Latencies(size.additions());
    long begun = System.nanoTime();
    for (int i = 0; i < size.additions(); i++) {
      long due = begun + i * TimeUnit.SECONDS.toNanos(1) / size.perSecond();
      for (long ahead = due - System.nanoTime(); ahead > 0; ahead = due - System.nanoTime()) {
        TimeUnit.NANOSECONDS.sleep(ahead);
      }
      PlacedPod pod = cluster.pod(size.pods() + i);
      acknowledgements.expect(
          pod.node(), SimulatedCluster.container(size.pods() + i), latencies::add);
      streams.changed(state.put(pod));
    }
    await(() -> latencies.count() == size.additions());
    return latencies;
  }

  private void changeAll() throws InterruptedException, IOException, TimeoutException {
    acknowledgements.begin();
    for (int i = 0; i < size.watchers(); i++) {
      streams.changed(state.put(cluster.watcher(i, 2)));
    }
    // Every node has been given the newest snapshot when nothing waits, and has it when it says so.
    await(() -> streams.isIdle() && acknowledgements.areComplete(size.agents()));
  }

  /** Something that comes to be true. */
  private interface Condition {
    boolean holds();
  }

  private void await(Condition condition)
      throws InterruptedException, IOException, TimeoutException {
    long deadline = System.nanoTime() + size.patience().toNanos();
    while (!condition.holds()) {
      Throwable fault = streams.agents.fault();
      if (fault != null) {
        throw new IOException("a simulated agent lost its stream: " + fault.getMessage(), fault);
      }
      if (System.nanoTime() > deadline) {
        throw new TimeoutException(
            "agents did not answer within " + size.patience().toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  // What the collector could not free: the cluster's state, and what streams and agents hold.
  private static long heapInUse() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Override
  public void close() {
    if (streams != null) {
      streams.close();
    }
  }

  /** What a replica has while it leads, and the agents that are connected to it. */
  private final class Streams implements AutoCloseable {
    private final NodeReports reports = new NodeReports(System::nanoTime);
    private final KeyedQueue<String> nodes;
    private final AgentSessions sessions;
    private final Server server;
    private final SimulatedAgents agents;

    Streams() throws IOException {
      sessions = new AgentSessions(new Reactions(this), Optional.empty());
      nodes =
          new KeyedQueue<>(
              "nodes",
              NODE_THREADS,
              new NodeReconciler(
                  state,
                  new SnapshotCache(),
                  sessions::isConnected,
                  snapshot -> {
                    acknowledgements.sent(snapshot);
                    sessions.send(snapshot);
                  },
                  resource -> {}));
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(sessions.service())
              .maxInboundMessageSize(SnapshotCodec.MAX_REPORT_BYTES)
              .build()
              .start();
      agents = new SimulatedAgents(server.getPort(), cluster.nodeNames(), size.connections());
    }

    void changed(ClusterChange change) {
      change.nodes().forEach(nodes::add);
    }

    boolean isIdle() {
      return nodes.depth() == 0;
    }

    @Override
    public void close() {
      agents.close();
      server.shutdownNow();
      sessions.close();
      nodes.close();
      try {
        server.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Reactions implements AgentEvents {
    private final Streams here;

    Reactions(Streams here) {
      this.here = here;
    }

    @Override
    public void connected(String node, AgentFacts facts) {
      here.reports.connected(node);
      here.nodes.add(node);
    }

    @Override
    public void applied(String node, String version, List<ReportedSubject> subjects) {
      here.reports.applied(node, version, subjects);
      acknowledgements.applied(node, version);
    }

    @Override
    public void coverageChanged(String node, String version, List<ReportedSubject> subjects) {
      here.reports.changed(node, version, subjects);
    }

    @Override
    public void refused(String node, String version, String reason) {
      throw new IllegalStateException("simulated agents refuse nothing");
    }

    @Override
    public void inspected(String node, KernelInspection inspection) {
      throw new IllegalStateException("simulated agents inspect nothing");
    }

    @Override
    public void counted(String node, List<EventTotal> totals) {
      throw new IllegalStateException("simulated agents count nothing");
    }

    @Override
    public void tooLarge(String node, String version, String reason) {
      throw new IllegalStateException(reason);
    }

    @Override
    public void disconnected(String node) {
      here.reports.gone(node);
    }
  }
}

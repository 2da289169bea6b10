package dev.custos.controller;

import dev.custos.controller.election.Election;
import dev.custos.controller.identity.Admission;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.metrics.Health;
import dev.custos.controller.reconcile.ClusterInformers;
import dev.custos.controller.server.LinkFigures;
import dev.custos.controller.snapshot.ClusterChange;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.status.Pace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * One replica of the controller. It always knows the cluster; it serves agents while it leads.
 * Holds nothing that it could not make anew of the API server's objects.
 */
public final class Controller implements AutoCloseable {
  private final KubernetesClient client;
  private final Supplier<? extends ServerBuilder<?>> transport;
  private final Optional<Admission> admission;
  private final Election election;
  private final Pace pace;
  private final ControllerMetrics metrics;
  private final ClusterState state = new ClusterState();
  private final ClusterInformers informers;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  // Read by the informers' threads, written by the election's.
  private volatile Term term;
  private volatile boolean listed;
  private IntConsumer serving = port -> {};

  /** One that is alone, serves from its start, and believes every agent. */
  public Controller(KubernetesClient client, Supplier<? extends ServerBuilder<?>> transport) {
    this(
        client,
        transport,
        new AgentPods(AgentAccount.DEFAULT),
        Optional.empty(),
        Election.none(),
        Pace.USUAL,
        new ControllerMetrics("unknown", System::nanoTime));
  }

  /**
   * Starts nothing yet.
   *
   * @param transport where agents connect to; asked anew each time that this replica becomes the
   *     leader
   * @param pods kept to what the API server says of the agents' own pods
   * @param admission decides who agents are; empty to believe every agent what node it says it is
   * @param election says when to serve; closed with the controller
   * @param pace of writing each resource's status
   * @param metrics counts what this replica does
   */
  public Controller(
      KubernetesClient client,
      Supplier<? extends ServerBuilder<?>> transport,
      AgentPods pods,
      Optional<Admission> admission,
      Election election,
      Pace pace,
      ControllerMetrics metrics) {
    this.client = client;
    this.transport = transport;
    this.admission = admission;
    this.election = election;
    this.pace = pace;
    this.metrics = metrics;
    metrics.live(Figures::new);
    pods.onGone(this::podGone);
    this.informers = new ClusterInformers(client, state, pods, this::changed);
  }

  /**
   * Has somebody hear of the port whenever agents are let in.
   *
   * @param listener called by the election's thread; must not block
   */
  public void onServing(IntConsumer listener) {
    serving = listener;
  }

  /**
   * Lists the cluster, and only then stands for election: no agent is ever told to give up what is
   * merely not listed yet. While the API server refuses or does not answer, it is asked again.
   *
   * @return false if it was closed before the cluster was listed
   */
  public boolean start() throws InterruptedException {
    listed = informers.start();
    if (listed) {
      election.start(new Leadership());
    }
    return listed;
  }

  /** The port that agents connect to; -1 if there is none, because another replica leads. */
  public int port() {
    Term current = term;
    return current == null ? -1 : current.port();
  }

  /**
   * Returns when it is closed.
   *
   * @throws IOException if it could not go on
   */
  public void awaitTermination() throws InterruptedException, IOException {
    try {
      ended.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Ends every stream, and lets another replica lead at once. */
  @Override
  public void close() {
    election.close();
    informers.close();
    ended.complete(null);
  }

  private void changed(ClusterChange change) {
    Term current = term;
    // Without a term nobody is concerned, and the next one begins with the state as it is then.
    if (current != null) {
      current.changed(change);
    }
  }

  private void podGone(String uid) {
    Term current = term;
    if (current != null) {
      current.podGone(uid);
    }
  }

  /** What probes ask for; it does not matter whether this replica leads. */
  public Health health() {
    return new Probes();
  }

  private final class Probes implements Health {
    @Override
    public List<String> notLiving() {
      List<String> faults = new ArrayList<>();
      if (listed) {
        informers.ended().forEach(kind -> faults.add(kind + " is not watched any more"));
      }
      Term current = term;
      if (current != null) {
        faults.addAll(current.standstills());
      }
      return faults;
    }

    @Override
    public List<String> notReady() {
      if (listed) {
        return List.of();
      }
      List<String> faults = new ArrayList<>(List.of("the cluster is not listed yet"));
      faults.addAll(informers.notListed());
      return faults;
    }
  }

  /** One reading's view of a term, or of none. */
  private final class Figures implements ControllerMetrics.Live {
    private final Term current = term;
    private final LinkFigures link =
        current == null ? new LinkFigures(0, 0, 0, 0, 0) : current.figures();

    @Override
    public boolean leads() {
      return current != null;
    }

    @Override
    public int agents() {
      return link.connected();
    }

    @Override
    public Map<String, Integer> queues() {
      return current == null ? Map.of() : current.queues();
    }

    @Override
    public long streamsRefused() {
      return link.streamsRefused();
    }

    @Override
    public long rowsRefused() {
      return link.rowsRefused();
    }

    @Override
    public long inspections() {
      return link.inspections();
    }

    @Override
    public long inspectionsDiffering() {
      return link.differences();
    }
  }

  private final class Leadership implements Election.Candidate {
    @Override
    public void lead() {
      try {
        Term next = new Term(client, state, transport.get(), admission, pace, metrics);
        // Known to the informers first, so that no change falls between the start and that.
        term = next;
        next.start();
        serving.accept(next.port());
      } catch (IOException | RuntimeException e) {
        ended.completeExceptionally(e);
      }
    }

    @Override
    public void standBy() {
      Term last = term;
      term = null;
      if (last != null) {
        last.close();
      }
    }
  }
}

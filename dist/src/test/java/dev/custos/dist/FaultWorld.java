package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.dist.FaultClaims.Claim;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/**
 * A cluster with agents in networks of their own, pods in whose containers files are made all the
 * time, and a model of what is asked for meanwhile. What is changed here is changed in the model.
 */
final class FaultWorld implements AutoCloseable {
  static final List<String> APPS = List.of("a", "b");
  private static final String NAMESPACE = "faults";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(25);

  /** A node: its network, and the agent in it. */
  record Node(String name, NodeNetwork network, ClusterAgent agent) {}

  private final Cluster cluster;
  private final RsyslogEndpoint rsyslog;
  private final ReceivedEvents received;
  private final FaultClaims claims = new FaultClaims();
  private final List<Node> nodes = new ArrayList<>();
  private final List<FaultPod> pods = new CopyOnWriteArrayList<>();
  // By name: the paths in pods of the app that the name ends in.
  private final Map<String, List<String>> watchers = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private boolean guarded;
  private volatile boolean ended;
  private volatile Throwable failure;

  FaultWorld(Path directory, int nodes) throws Exception {
    cluster = Cluster.start(directory);
    // Not those of the round: somebody else may repeat it on this machine at the same time.
    SplittableRandom random = new SplittableRandom();
    try {
      rsyslog = new RsyslogEndpoint(directory.resolve("rsyslog"), random.split());
      received = new ReceivedEvents(rsyslog.file());
      cluster.startStandby();
      cluster.namespace(NAMESPACE);
      for (int i = 1; i <= nodes; i++) {
        addNode("node-" + i, new NodeNetwork(cluster.runtime().busybox(), random.split()));
      }
      setWatcher("on-steady", List.of("/w"));
      setWatcher("on-a", List.of("/w"));
      setWatcher("on-b", List.of("/w", "/v"));
      setGuard(true);
      threads.add(start(() -> pods.forEach(FaultPod::makeFiles)));
      threads.add(
          start(() -> pods.stream().filter(p -> p.app().equals("steady")).forEach(FaultPod::ask)));
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private void addNode(String name, NodeNetwork network) throws Exception {
    String sink =
        "receiver { "
            + rsyslog.settings(network.host())
            + ", queue.spool = 64MiB, retry { initial = 20ms, max = 1s } }";
    nodes.add(new Node(name, network, cluster.agentIn(network, name, sink)));
    addPod("steady-" + name, name, "steady");
  }

  private Thread start(Runnable turn) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!ended) {
                  turn.run();
                  LockSupport.parkNanos(PAUSE);
                }
              } catch (RuntimeException | Error e) {
                failure = e;
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  Cluster cluster() {
    return cluster;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Those that faults may concern: all but the steady ones. */
  List<FaultPod> pods() {
    return pods.stream().filter(pod -> !pod.app().equals("steady")).toList();
  }

  void addPod(String name, String node, String app) throws Exception {
    AtomicReference<FaultPod> pod = new AtomicReference<>();
    insist("add", () -> pod.set(FaultPod.run(cluster, NAMESPACE, name, node, app)));
    pods.add(pod.get());
    claims.begin(wanted());
  }

  void deletePod(FaultPod pod) throws Exception {
    pods.remove(pod);
    claims.end(wanted());
    insist("delete", pod::delete);
  }

  void relabel(FaultPod pod, String app) throws Exception {
    Set<Claim> staying = wanted();
    staying.removeIf(claim -> claim.pod() == pod);
    claims.end(staying);
    insist("relabel", () -> pod.relabel(app));
    claims.begin(wanted());
  }

  List<String> watched(String watcher) {
    return watchers.get(watcher);
  }

  void setWatcher(String name, List<String> paths) throws Exception {
    Set<Claim> before = wanted();
    watchers.put(name, paths);
    before.retainAll(wanted());
    claims.end(before);
    apply(
        """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: %s}
        spec:
          selector: {matchLabels: {app: %s}}
          subjects: [{paths: %s, events: [create]}]
        """
            .formatted(name, name.substring("on-".length()), paths));
    claims.begin(wanted());
  }

  boolean isGuarded() {
    return guarded;
  }

  void setGuard(boolean on) throws Exception {
    guarded = on;
    if (on) {
      apply(
          """
          apiVersion: januscontroller.clustergarage.io/v1alpha1
          kind: JanusGuard
          metadata: {name: secrets}
          spec:
            selector: {matchLabels: {app: steady}}
            subjects: [{deny: [%s], events: [open]}]
          """
              .formatted(FaultPod.SECRET));
      claims.begin(wanted());
    } else {
      claims.end(wanted());
      insist(
          "delete the guard",
          () ->
              cluster.api().kubectl("delete", "--ignore-not-found", "-n", NAMESPACE, "jg/secrets"));
    }
  }

  private void apply(String manifest) {
    insist("apply", () -> cluster.apply(NAMESPACE, manifest));
  }

  /**
   * Asks the API server until it does it: one whose etcd was killed refuses some requests for a
   * while after it says that it is ready.
   */
  void insist(String what, ThrowingRunnable request) {
    cluster.eventually(what, request);
  }

  private Set<Claim> wanted() {
    Set<Claim> wanted = new HashSet<>();
    for (FaultPod pod : pods) {
      watchers
          .getOrDefault("on-" + pod.app(), List.of())
          .forEach(path -> wanted.add(Claim.of(pod, "on-" + pod.app(), path)));
      if (guarded && pod.app().equals("steady")) {
        wanted.add(Claim.of(pod, "secrets", FaultPod.SECRET));
      }
    }
    return wanted;
  }

  /** Waits until some more files were made everywhere. */
  void awaitFiles(int count) {
    Map<FaultPod, Integer> before = new HashMap<>();
    pods.forEach(pod -> before.put(pod, pod.made().size()));
    eventually(
        "files",
        () ->
            before.forEach(
                (pod, number) ->
                    assertThat(!pod.isRunning() || pod.made().size() >= number + count).isTrue()));
  }

  /** Waits until what is asked for is what there is, and nothing else; all parts have to be up. */
  void awaitDesiredState() {
    DesiredState state = new DesiredState(List.copyOf(pods), received);
    Set<Claim> wanted = wanted();
    eventually(
        "what is asked for and nothing else is told",
        () -> {
          assertThat(state.without(wanted)).as("asked for, and without effect").isEmpty();
          assertThat(state.stale(wanted, claims.ever())).as("no longer asked for").isEmpty();
        });
    for (Node node : nodes) {
      eventually(
          "the kernel's watches and marks on " + node.name(),
          () -> {
            DesiredState.Kernel kernel = state.kernel(node, wanted);
            assertThat(kernel.has()).isEqualTo(kernel.wanted());
          });
    }
    claims.settled();
  }

  /** Ends the agents as a cluster does, and returns all that did not come as promised. */
  List<String> end() throws Exception {
    stopThreads();
    // Events come in order: with the last one of each subject all the others are there.
    DesiredState last = new DesiredState(List.copyOf(pods), received);
    pods.forEach(FaultPod::makeFiles);
    Set<Claim> watched = wanted();
    watched.removeIf(Claim::isGuard);
    eventually(
        "the last events",
        () -> assertThat(last.without(watched)).as("not told of to the end").isEmpty());
    for (Node node : nodes) {
      node.agent().stop();
    }
    received.read();
    List<String> faults = new ArrayList<>(received.faults());
    nodes.stream()
        .flatMap(node -> node.agent().err().stream())
        .filter(line -> line.contains("the kernel had "))
        .forEach(faults::add);
    faults.addAll(claims.missing(received));
    System.out.println("faults: " + received);
    nodes.forEach(node -> System.out.println("faults: " + node.agent()));
    return faults;
  }

  ReceivedEvents received() {
    return received;
  }

  private void stopThreads() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join(TimeUnit.MINUTES.toMillis(1));
      assertThat(thread.isAlive()).as("a file is opened for a minute").isFalse();
    }
    assertThat(failure).isNull();
  }

  private void eventually(String what, ThrowingRunnable assertion) {
    try {
      Awaitility.await(what)
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(assertion);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "\n" + this, e);
    }
  }

  @Override
  public String toString() {
    return "controller: " + cluster.controller().err() + "\nagents: " + nodes + "\npods: " + pods;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    cluster.close();
    for (Node node : nodes) {
      node.network().close();
    }
    if (rsyslog != null) {
      rsyslog.close();
    }
  }
}

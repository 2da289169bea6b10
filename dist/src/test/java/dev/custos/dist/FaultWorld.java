package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.dist.FaultClaims.Claim;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

  FaultWorld(Path directory, int nodes, SplittableRandom random) throws Exception {
    cluster = Cluster.start(directory);
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
    pods.add(FaultPod.run(cluster, NAMESPACE, name, node, app));
    claims.begin(wanted());
  }

  void deletePod(FaultPod pod) throws Exception {
    pods.remove(pod);
    claims.end(wanted());
    pod.delete();
  }

  void relabel(FaultPod pod, String app) throws Exception {
    Set<Claim> staying = wanted();
    staying.removeIf(claim -> claim.pod() == pod);
    claims.end(staying);
    pod.relabel(app);
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
    cluster.apply(
        NAMESPACE,
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
      cluster.apply(
          NAMESPACE,
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
      cluster.api().kubectl("delete", "-n", NAMESPACE, "jg/secrets");
    }
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
    AtomicReference<Mark> mark = new AtomicReference<>();
    eventually("what is asked for and nothing else is told", () -> assertToldAsAsked(mark));
    for (Node node : nodes) {
      eventually(
          "the kernel's watches and marks on " + node.name(),
          () -> {
            Set<String> marks = KernelMarks.of(node.agent().pid());
            // Directories above what is watched are watched, too.
            marks.retainAll(marks(node, possible()));
            assertThat(marks).isEqualTo(marks(node, wanted()));
          });
    }
    claims.settled();
  }

  /** From here on what happens has to be told of, and of nothing else. */
  private record Mark(Instant time, Map<FaultPod, Integer> files) {}

  private void assertToldAsAsked(AtomicReference<Mark> mark) throws IOException {
    if (mark.get() == null) {
      Map<FaultPod, Integer> files = new HashMap<>();
      pods.forEach(pod -> files.put(pod, pod.made().size()));
      mark.set(new Mark(Instant.now(), files));
    }
    received.read();
    Set<Claim> wanted = wanted();
    assertThat(wanted).allMatch(claim -> isInForce(claim, mark.get()));
    List<Claim> stale =
        claims.ever().stream()
            .filter(claim -> !wanted.contains(claim) && pods.contains(claim.pod()))
            .filter(claim -> isInForce(claim, mark.get()))
            .toList();
    if (!stale.isEmpty()) {
      mark.set(null);
    }
    assertThat(stale).isEmpty();
  }

  private boolean isInForce(Claim claim, Mark mark) {
    if (claim.isGuard()) {
      List<FaultPod.Asked> asked = claim.pod().asked();
      FaultPod.Asked last = asked.get(asked.size() - 1);
      return last.denied() && last.before().isAfter(mark.time());
    }
    int from = mark.files().get(claim.pod());
    return received.filesOf(claim.subject()).stream().anyMatch(number -> number >= from);
  }

  private Set<Claim> possible() {
    Set<Claim> possible = new HashSet<>();
    for (FaultPod pod : pods) {
      FaultPod.PATHS.forEach(path -> possible.add(Claim.of(pod, "", path)));
      possible.add(Claim.of(pod, "", FaultPod.SECRET));
    }
    return possible;
  }

  private static Set<String> marks(Node node, Set<Claim> claims) throws IOException {
    Set<String> marks = new HashSet<>();
    for (Claim claim : claims) {
      if (claim.pod().node().equals(node.name())) {
        String path = claim.subject().path();
        marks.add(
            claim.isGuard()
                ? "fanotify " + claim.pod().device("/g")
                : "inotify " + claim.pod().device(path));
      }
    }
    return marks;
  }

  /** Ends the agents as a cluster does, and returns all that did not come as promised. */
  List<String> end() throws Exception {
    stopThreads();
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

package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was asked for stays in force, whichever part of the cluster is killed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class ClusterOutageIT {
  private static final String CONSOLE = "console { type = stdout }";
  private static final String READY = ", Accepted Valid, Ready AllActive, not Degraded AsExpected";

  private static Cluster cluster;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    cluster = Cluster.start(directory);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void nothingThatStaysIsDroppedWhenControllerAndApiServerDie() throws Exception {
    cluster.namespace("deaths");
    ClusterPod.runCounting(cluster, "deaths", "steady", "node-a");
    ClusterPod goes = ClusterPod.run(cluster, "deaths", "goes", "node-a", "shop", "/a");
    ClusterPod changes = ClusterPod.run(cluster, "deaths", "changes", "node-a", "shop", "/a");
    ClusterAgent agent = cluster.agent("node-a", CONSOLE);
    cluster.apply("deaths", ClusterPod.countWatcher());
    cluster.apply("deaths", watcher("w", "shop"));
    cluster.apply("deaths", watcher("dropped", "shop"));
    awaitStatus("deaths", "count", "1 of 1 pods, 1 of 1 paths");
    awaitStatus("deaths", "w", "2 of 2 pods, 2 of 2 paths");
    awaitStatus("deaths", "dropped", "2 of 2 pods, 2 of 2 paths");
    agent.awaitMoreNumbers("steady");

    cluster.killController();
    agent.awaitMoreNumbers("steady");
    // What became of these the next controller can only see by their absence.
    goes.delete();
    cluster.api().kubectl("delete", "-n", "deaths", "aw/dropped");
    changes.relabel("other");
    changes.sh("echo >/a/unseen");
    agent.awaitLine("w changes unseen");
    ClusterPod comes = ClusterPod.run(cluster, "deaths", "comes", "node-a", "shop", "/a");
    cluster.api().restart();
    cluster.startController();
    awaitStatus("deaths", "w", "1 of 1 pods, 1 of 1 paths");
    awaitStatus("deaths", "count", "1 of 1 pods, 1 of 1 paths");
    comes.sh("echo >/a/seen");
    agent.awaitLine("w comes seen");

    // With a controller that runs: its watches end, and a new listing says what has changed.
    cluster.api().restart();
    cluster.apply("deaths", watcher("marker", "other"));
    awaitStatus("deaths", "marker", "1 of 1 pods, 1 of 1 paths");
    changes.sh("echo >/a/marked");
    agent.awaitLine("marker changes marked");
    assertThat(agent.out())
        .contains("w changes unseen", "dropped changes unseen")
        .doesNotContain("w changes marked", "dropped changes marked");
    agent.awaitMoreNumbers("steady");
    agent.assertNoGap("steady");
    assertThat(agent.losses()).isEmpty();
  }

  @Test
  void aRestartedAgentDoesWhatItDidLastBeforeAnyControllerAnswers() throws Exception {
    cluster.namespace("alone");
    ClusterPod.runCounting(cluster, "alone", "steady", "node-b");
    ClusterPod changes =
        ClusterPod.run(cluster, "alone", "changes", "node-b", "shop", "/a && echo >/secret");
    ClusterAgent agent = cluster.agent("node-b", CONSOLE);
    cluster.apply("alone", ClusterPod.countWatcher());
    cluster.apply("alone", watcher("w", "shop"));
    cluster.apply("alone", guard());
    awaitStatus("alone", "count", "1 of 1 pods, 1 of 1 paths");
    awaitStatus("alone", "w", "1 of 1 pods, 1 of 1 paths");
    cluster.awaitStatus("JanusGuard", "alone", "g", "1 of 1 pods, 1 of 1 paths" + READY);

    agent.kill();
    // Half a minute later it would be Degraded, too.
    cluster.eventually(
        "a status that knows of no agent",
        () ->
            assertThat(cluster.view("ArgusWatcher", "alone", "w").text())
                .startsWith(
                    "0 of 1 pods, 0 of 1 paths (1 pending), Accepted Valid, not Ready"
                        + " PathsPending"));
    cluster.killController();
    agent.startAgain();
    agent.awaitMoreNumbers("steady");
    assertThat(agent.err()).noneMatch(line -> line.contains("connected to the controller"));
    cluster.eventually(
        "the guard of the stored snapshot",
        () -> assertThat(changes.sh("cat /secret").exit()).isNotZero());
    // Stale by now, and only a controller could say so.
    changes.relabel("other");
    cluster.api().kubectl("delete", "-n", "alone", "aw/w");
    changes.sh("echo >/a/stale");
    agent.awaitLine("w changes stale");

    cluster.startController();
    awaitStatus("alone", "count", "1 of 1 pods, 1 of 1 paths");
    cluster.eventually(
        "the stale guard's end", () -> assertThat(changes.sh("cat /secret").exit()).isZero());
    cluster.apply("alone", watcher("marker", "other"));
    awaitStatus("alone", "marker", "1 of 1 pods, 1 of 1 paths");
    changes.sh("echo >/a/marked");
    agent.awaitLine("marker changes marked");
    assertThat(agent.out()).doesNotContain("w changes marked");
    agent.awaitMoreNumbers("steady");
    agent.assertNoGap("steady");
    assertThat(agent.losses()).singleElement().asString().contains("reason=agent-down");
  }

  private static void awaitStatus(String namespace, String name, String text) {
    cluster.awaitStatus("ArgusWatcher", namespace, name, text + READY);
  }

  private static String watcher(String name, String app) {
    return """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: %1$s}
        spec:
          selector: {matchLabels: {app: %2$s}}
          logFormat: "%1$s {pod} {file}"
          subjects: [{paths: [/a], events: [create]}]
        """
        .formatted(name, app);
  }

  private static String guard() {
    return """
        apiVersion: januscontroller.clustergarage.io/v1alpha1
        kind: JanusGuard
        metadata: {name: g}
        spec:
          selector: {matchLabels: {app: shop}}
          subjects: [{deny: [/secret], events: [open]}]
        """;
  }
}

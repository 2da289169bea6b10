package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.link.SnapshotStore;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentCommandTest {
  @TempDir static Path shared;
  @TempDir Path temp;

  private static FakeHome custos;

  @BeforeAll
  static void unpack() {
    custos = new FakeHome(shared);
  }

  private static NodeSnapshot.Target target(String id, String path) {
    return new NodeSnapshot.Target(
        id,
        "shop",
        "web-0",
        "uid",
        "nginx",
        Map.of(),
        List.of(
            new NodeSnapshot.WatchSubject(
                new NodeSnapshot.Owner("ArgusWatcher", "shop", "web", 0),
                "{event} {path}{sep}{file}",
                Map.of(),
                List.of(path),
                Set.of(WatchEvents.Change.MODIFY),
                List.of(),
                false,
                false,
                0,
                false)),
        List.of());
  }

  /** A port that nobody listens on. */
  private static String nobody() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  @Test
  void theStoredSnapshotIsWatchedWhileNoControllerAnswers() throws Exception {
    new SnapshotStore(temp)
        .save(
            new NodeSnapshot(
                "v1",
                "node-1",
                List.of(target("containerd://x", "/data"), target(NodeSnapshot.HOST, "/data"))));
    assertThat(
            custos.run(
                "agent",
                "--controller",
                nobody(),
                "--insecure",
                "--node",
                "node-1",
                "--state",
                temp.toString(),
                "--count",
                "3"))
        .isZero();
    assertThat(custos.lines).hasSize(3).contains("text MODIFY /data/f1");
  }

  @Test
  void aPathThatIsNotWatchedIsToldWithTheContainerThatItIsIn() throws Exception {
    new SnapshotStore(temp)
        .save(new NodeSnapshot("v1", "node-1", List.of(target("containerd://x", "/data"))));
    awaitSaid(nobody(), "custos: container nginx of pod shop/web-0: /data: pending: container x");
  }

  @Test
  void aControllerThatIsAwayIsSaid() throws Exception {
    String nobody = nobody();
    awaitSaid(
        nobody,
        "custos: no stream to the controller at " + nobody + ": ",
        "; trying again, and going on with the last snapshot");
  }

  private void awaitSaid(String nobody, String... said) throws InterruptedException {
    Thread agent =
        new Thread(
            () ->
                custos.run(
                    "agent",
                    "--controller",
                    nobody,
                    "--insecure",
                    "--node",
                    "node-1",
                    "--state",
                    temp.toString(),
                    "--metrics",
                    "off"));
    agent.start();
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(custos.err()).contains(said).doesNotContain("\tat "));
    } finally {
      agent.interrupt();
      agent.join();
    }
  }

  @Test
  void withoutAControllerNoClassOfGrpcOrProtobufIsLoaded() throws Exception {
    assertThat(loadedBy("watch", "--for", "1ms", "/pending/x")).isEmpty();
    assertThat(loadedBy("--help")).isEmpty();
    // That the test can fail:
    assertThat(
            loadedBy(
                "agent", "--controller", nobody(), "--insecure", "--node", "n", "--for", "1ms"))
        .isNotEmpty();
  }

  private List<String> loadedBy(String... arguments) throws Exception {
    Path log = temp.resolve("classes");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + log,
                "-Dcustos.home=" + shared,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.custos.agent.cli.Main"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(temp.toFile())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("output").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(temp.resolve("output"))).isZero();
    List<String> loaded = Files.readAllLines(log);
    assertThat(loaded).anyMatch(line -> line.contains("dev.custos.agent.cli.Main "));
    return loaded.stream()
        .filter(
            line ->
                line.contains(" io.grpc.")
                    || line.contains(" com.google.protobuf.")
                    || line.contains(" dev.custos.protocol.")
                    || line.contains(" dev.custos.agent.link."))
        .toList();
  }
}

package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a node full of real containers costs its agent. With {@code -Plong} it measures; figures are
 * printed, and only what would be wrong on any machine fails it. {@code -Dcustos.containers=N} for
 * another number than 250.
 */
@Timeout(3600)
class ScaleIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int CONTAINERS = Integer.getInteger("custos.containers", 250);
  private static final int PATHS = 10;
  private static final int FEW = 6;
  private static final Duration IDLE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Test
  void aNodeFullOfContainersIsWatchedAndThirtyThatRestartAtOnceAreWatchedAgain(@TempDir Path state)
      throws Exception {
    assumeTrue(LONG, "measures for minutes: mvn -Plong verify");
    restartAtOnce(state, CONTAINERS, Math.min(30, CONTAINERS), ScaleIT::sayIdle);
  }

  /** The same with a few, in every build. */
  @Test
  void containersThatRestartAtOnceAreWatchedAgainEachWithItsLoss(@TempDir Path state)
      throws Exception {
    restartAtOnce(state, FEW, FEW - 1, jvm -> {});
  }

  private interface Rest {
    void of(int jvm) throws IOException;
  }

  private static void restartAtOnce(Path state, int count, int restarting, Rest rest)
      throws Exception {
    try (ContainerdRuntime runtime = ContainerdRuntime.start();
        OneSnapshotController controller = new OneSnapshotController()) {
      List<RunningContainer> containers = new ArrayList<>(inParallel(count, i -> run(runtime)));
      for (RunningContainer container : containers) {
        awaitPrepared(container);
      }
      try (CustosProcess custos = agent(controller, state)) {
        controller.awaitAgent(PATIENCE);
        int jvm = (int) custos.jvm();
        say("%d containers, %d paths each", count, PATHS);
        say("before the first snapshot: %d MB", rss(jvm));
        long before = cpuTicks(jvm);
        long took = controller.send(snapshot(containers), count * PATHS, PATIENCE);
        long ticks = cpuTicks(jvm) - before;
        say("snapshot to all active: %d ms, %d ms of CPU", took, 10 * ticks);
        rest.of(jvm);

        List<RunningContainer> next = inParallel(restarting, i -> containers.get(i).restart());
        for (int i = 0; i < restarting; i++) {
          awaitPrepared(next.get(i));
          containers.set(i, next.get(i));
        }
        say(
            "%d restarted, snapshot to all active: %d ms",
            restarting, controller.send(snapshot(containers), count * PATHS, PATIENCE));
        rest.of(jvm);
        assertEachIsWatchedAndItsLossIsTold(custos, next);
      }
    }
  }

  private static CustosProcess agent(OneSnapshotController controller, Path state)
      throws IOException {
    return CustosProcess.custos(
        "agent",
        "--controller",
        "127.0.0.1:" + controller.port(),
        "--insecure",
        "--node",
        "node-1",
        "--metrics",
        "off",
        "--state",
        state.toString());
  }

  private static void assertEachIsWatchedAndItsLossIsTold(
      CustosProcess custos, List<RunningContainer> restarted) throws IOException {
    for (RunningContainer container : restarted) {
      Files.createFile(container.file("/w/9/last"));
    }
    await("an event of each that was restarted")
        .atMost(PATIENCE)
        .until(() -> lines(custos, "/w/9/last") >= restarted.size());
    long losses = (long) restarted.size() * PATHS;
    await("a loss of each path")
        .atMost(PATIENCE)
        .until(() -> lines(custos, "container-restarted") >= losses);
    assertThat(lines(custos, "container-restarted")).isEqualTo(losses);
    assertThat(custos.err()).noneMatch(line -> line.contains("failed"));
  }

  private static long lines(CustosProcess custos, String text) {
    return custos.out().stream().filter(line -> line.contains(text)).count();
  }

  private static RunningContainer run(ContainerdRuntime runtime)
      throws IOException, InterruptedException {
    return runtime
        .container()
        .script("for i in $(seq 0 9); do mkdir -p /w/$i; done; exec sleep 36000")
        .run();
  }

  private static void awaitPrepared(RunningContainer container) {
    await("its directories")
        .atMost(PATIENCE)
        .until(() -> Files.isDirectory(container.file("/w/9")));
  }

  private interface Numbered<T> {
    T make(int number) throws IOException, InterruptedException;
  }

  private static <T> List<T> inParallel(int count, Numbered<T> each)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Callable<T>> calls = new ArrayList<>();
      IntStream.range(0, count).forEach(i -> calls.add(() -> each.make(i)));
      List<T> all = new ArrayList<>();
      for (Future<T> made : threads.invokeAll(calls)) {
        all.add(made.get());
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  private static NodeSnapshot snapshot(List<RunningContainer> containers) {
    String paths =
        IntStream.range(0, PATHS).mapToObj(i -> "/w/" + i).collect(Collectors.joining(", "));
    List<Manifest> manifests =
        ManifestReader.read(
                "",
                """
                apiVersion: arguscontroller.clustergarage.io/v1alpha1
                kind: ArgusWatcher
                metadata: {name: web, namespace: shop}
                spec:
                  selector: {matchLabels: {app: web}}
                  subjects: [{paths: [%s], events: [create, modify, delete], recursive: true}]
                """
                    .formatted(paths))
            .manifests();
    List<PodOnNode> pods = new ArrayList<>();
    for (RunningContainer container : containers) {
      pods.add(
          new PodOnNode(
              "shop",
              "web-" + pods.size(),
              container.podUid(),
              Map.of("app", "web"),
              List.of(new ContainerOnNode("main", container.containerId()))));
    }
    return SnapshotBuilder.build("node-1", List.copyOf(manifests), pods);
  }

  private static void sayIdle(int jvm) throws IOException {
    long begin = System.nanoTime();
    // What was just done is over, its garbage and its compilations included.
    await("a quiet time")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> System.nanoTime() - begin > IDLE.toNanos());
    long ticks = cpuTicks(jvm);
    long start = System.nanoTime();
    await("the time that is measured")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> System.nanoTime() - start > IDLE.toNanos());
    double seconds = (System.nanoTime() - start) / 1e9;
    say(
        "idle for %.0f s: %.2f %% of a core, %d MB",
        seconds, (cpuTicks(jvm) - ticks) / seconds, rss(jvm));
  }

  private static void say(String format, Object... values) {
    System.out.printf("scale: " + format + "%n", values);
  }

  /** Of user and kernel, in hundredths of a second: proc_pid_stat(5), 14 and 15. */
  private static long cpuTicks(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** Megabytes. */
  private static long rss(int pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1_000_000;
      }
    }
    throw new IOException("no VmRSS");
  }
}

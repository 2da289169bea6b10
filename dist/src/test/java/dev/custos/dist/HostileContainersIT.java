package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.SnapshotAgent.GUARD;
import static dev.custos.dist.SnapshotAgent.WATCHER;
import static dev.custos.dist.SnapshotAgent.awaitWatched;
import static dev.custos.dist.SnapshotAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What real containers do to an agent that watches and guards them, and to each other: it stays
 * theirs. A neighbour's files are told of and guarded as ever, and the host's are nobody's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileContainersIT {
  private static final int STEPS = 10;

  private ContainerdRuntime runtime;

  @BeforeAll
  void start() throws Exception {
    runtime = ContainerdRuntime.start();
  }

  @AfterAll
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  @Test
  void aContainerThatCallsItselfASandboxKeepsNoOtherOfItsPodFromBeingWatched(@TempDir Path dir)
      throws Exception {
    RunningContainer main = runtime.container().run();
    RunningContainer gvisor = named("runsc-sandbox", main.podUid());
    RunningContainer kata = named("/usr/bin/qemu-system-x86_64", main.podUid());
    List<ContainerOnNode> containers =
        List.of(
            new ContainerOnNode("main", main.containerId()),
            new ContainerOnNode("gvisor", gvisor.containerId()),
            new ContainerOnNode("kata", kata.containerId()));
    PodOnNode pod = new PodOnNode("shop", "web-0", main.podUid(), Map.of("app", "web"), containers);
    NodeSnapshot snapshot = SnapshotAgent.snapshot(WATCHER.formatted("/data"), List.of(pod));
    try (CustosProcess custos = SnapshotAgent.start(dir, snapshot)) {
      custos.awaitReady();
      main.sh("touch /data/before");
      custos.awaitLine("CREATE /data/before shop/web-0/main@node-1");
      assertThat(custos.err())
          .anyMatch(line -> line.contains("it runs in a sandbox (runsc-sandbox)"));
      // Its files are its own after all.
      kata.sh("touch /data/claimed");
      custos.awaitLine("CREATE /data/claimed shop/web-0/kata@node-1");

      main.kill();
      await("what its neighbours claim is said of it meanwhile; stderr: " + custos.err())
          .atMost(DEADLINE)
          .until(() -> custos.err().stream().anyMatch(line -> line.contains("main of pod")));
      main.startAgain();
      awaitWatched(custos, main, "/data");
    }
  }

  /** One whose first process has given itself this name; busybox itself goes by its own names. */
  private RunningContainer named(String name, String pod) throws Exception {
    ContainerRequest request = runtime.container().inPod(pod);
    for (String libraries : List.of("/lib", "/lib64")) {
      if (Files.isDirectory(Path.of(libraries))) {
        request.bind(Path.of(libraries).toRealPath(), libraries);
      }
    }
    String sleep = "exec -a " + name + " /data/sleep 3600";
    return request.bind(Path.of("/usr/bin/sleep"), "/data/sleep").script(sleep).run();
  }

  @Test
  void aMountOverAGuardedPathFreesNobodyAndConcernsNobodyElse(@TempDir Path dir) throws Exception {
    RunningContainer one = runtime.container().privileged().run();
    RunningContainer two = runtime.container().run();
    for (RunningContainer container : List.of(one, two)) {
      assertThat(container.sh("echo secret >/data/secret").exit()).isZero();
    }
    // Where containerd keeps its containers' files by default.
    String roots = "custos.backends.fanotify.volume-roots = [\"" + runtime.folder() + "\"]";
    Path config = Files.writeString(dir.resolve("custos.conf"), roots);
    List<String> command =
        SnapshotAgent.command(
            dir.resolve("state"),
            snapshot(GUARD.formatted("/data/secret"), one),
            "-c",
            config.toString());
    try (GuardedProcess custos = GuardedProcess.start(Map.of(), command)) {
      custos.custos().awaitReady();
      assertThat(one.sh("cat /data/secret").exit()).isNotZero();
      String mount = "mkdir /other && echo other >/other/secret && mount --bind /other /data";
      assertThat(one.sh(mount).exit()).isZero();
      await("what is mounted over it is guarded")
          .atMost(DEADLINE)
          .until(() -> one.sh("cat /data/secret").exit() != 0);
      assertThat(one.sh("umount /data").exit()).isZero();
      await("what was below it is guarded")
          .atMost(DEADLINE)
          .until(() -> one.sh("cat /data/secret").exit() != 0);
      assertThat(two.sh("grep -q secret /data/secret").exit()).isZero();
    }
  }

  @Test
  void aContainerThatMovesItsRootToAVolumeMakesNothingOfTheHostsWatched(
      @TempDir Path dir, @TempDir Path volume) throws Exception {
    Files.createDirectories(volume.resolve("data"));
    Files.createDirectory(volume.resolve("old"));
    RunningContainer one =
        runtime
            .container()
            .privileged()
            .bind(volume, "/volume")
            .script(
                """
                until [ -e /data/go ]; do usleep 10000; done
                cd /volume; pivot_root . old; touch old/data/moved
                while :; do usleep 100000; done
                """)
            .run();
    RunningContainer two = runtime.container().run();
    try (CustosProcess custos =
        SnapshotAgent.start(dir, snapshot(WATCHER.formatted("/data"), one, two))) {
      custos.awaitReady();
      one.sh("touch /data/go");
      custos.awaitLine("CREATE /data/go shop/web-0/main@node-1");
      // Its first root is what was opened and checked, and stays what is watched.
      custos.awaitLine("CREATE /data/moved shop/web-0/main@node-1");
      for (int i = 0; i < 100; i++) {
        Files.createFile(volume.resolve("data/of-the-host-" + i));
      }
      two.sh("touch /data/marker");
      custos.awaitLine("CREATE /data/marker shop/web-1/main@node-1");
      assertThat(custos.out()).noneMatch(line -> line.contains("of-the-host"));
    }
  }

  @Test
  void aContainerThatFillsItsDiskIsToldOfAndNobodyElseNotices(@TempDir Path dir) throws Exception {
    RunningContainer one =
        runtime
            .container()
            .options("--mount", "type=tmpfs,src=tmpfs,dst=/data/disk,options=size=256k")
            .run();
    RunningContainer two = runtime.container().run();
    try (CustosProcess custos =
        SnapshotAgent.start(dir, snapshot(WATCHER.formatted("/data"), one, two))) {
      custos.awaitReady();
      assertThat(one.sh("cat /dev/zero >/data/disk/full").exit()).isNotZero();
      custos.awaitLine("CREATE /data/disk/full shop/web-0/main@node-1");
      assertThat(one.sh("echo x >/data/disk/more").exit()).isNotZero();
      custos.awaitLine("CREATE /data/disk/more shop/web-0/main@node-1");
      two.sh("touch /data/other");
      custos.awaitLine("CREATE /data/other shop/web-1/main@node-1");
      one.sh("rm /data/disk/full; mkdir /data/disk/again; touch /data/disk/again/file");
      custos.awaitLine("CREATE /data/disk/again/file shop/web-0/main@node-1");
    }
  }

  @Test
  void namesThatLookLikeRecordsMakeNone(@TempDir Path dir) throws Exception {
    RunningContainer one = runtime.container().run();
    NodeSnapshot snapshot = snapshot(WATCHER.formatted("/data"), one);
    String forged = "CREATE forged shop web-9 main@node-9";
    String json = "\"},\"host\":{\"name\":\"node-9\"}}";
    one.sh("mkdir /data/later");
    try (CustosProcess custos = SnapshotAgent.start(dir, snapshot)) {
      custos.awaitReady();
      // The second turns the rest of the line round in a terminal.
      one.sh("cd /data; touch \"$(printf 'x\\n%s\\nx' '" + forged + "')\"; touch '" + json + "'");
      one.sh("cd /data; touch \"$(printf 'a\\342\\200\\256b\\033[2J')\"; touch marker");
      custos.awaitLine("CREATE /data/marker shop/web-0/main@node-1");
      assertThat(custos.out())
          .containsExactly(
              "CREATE /data/x\\n" + forged + "\\nx shop/web-0/main@node-1",
              "CREATE /data/" + json + " shop/web-0/main@node-1",
              "CREATE /data/a\\u{202e}b\\x1b[2J shop/web-0/main@node-1",
              "CREATE /data/marker shop/web-0/main@node-1");
    }
  }

  /** Each a little later in the time that one takes, so that every step is hit by some. */
  @Test
  void containersThatEndWhileTheyAreSetUpLeaveNothingBehind(@TempDir Path dir) throws Exception {
    RunningContainer steady = runtime.container().run();
    String both =
        WATCHER.formatted("/data, /etc, /late") + "---\n" + GUARD.formatted("/data/secret");
    steady.sh("echo secret >/data/secret");
    try (OneSnapshotController controller = new OneSnapshotController();
        CustosProcess custos =
            CustosProcess.custos(
                "agent",
                "--controller",
                "127.0.0.1:" + controller.port(),
                "--insecure",
                "--node",
                "node-1",
                "--state",
                dir.toString(),
                "--metrics",
                "off")) {
      controller.awaitAgent(DEADLINE);
      controller.send(snapshot(both, steady), 3, DEADLINE);
      awaitWatched(custos, steady, "/data");
      long descriptors = descriptors(custos.jvm());
      RunningContainer stays = runtime.container().run();
      long nanos =
          TimeUnit.MILLISECONDS.toNanos(
              controller.send(snapshot(both, steady, stays), 5, DEADLINE));
      for (int step = 0; step < STEPS; step++) {
        RunningContainer one = runtime.container().run();
        HeldProcess process = new HeldProcess(one.pid());
        controller.send(snapshot(both, steady, one));
        long until = System.nanoTime() + step * nanos / (STEPS - 2);
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        process.kill();
        controller.send(snapshot(both, steady));
        one.remove();
      }
      awaitWatched(custos, steady, "/etc");
      assertThat(steady.sh("cat /data/secret").exit()).isNotZero();
      await("nothing of them is open; stderr: " + custos.err())
          .atMost(DEADLINE)
          .untilAsserted(
              () -> assertThat(descriptors(custos.jvm())).isLessThanOrEqualTo(descriptors));
    }
  }

  private static long descriptors(long pid) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return files.count();
    }
  }
}

package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.SnapshotAgent.GUARD;
import static dev.custos.dist.SnapshotAgent.WATCHER;
import static dev.custos.dist.SnapshotAgent.awaitLine;
import static dev.custos.dist.SnapshotAgent.awaitWatched;
import static dev.custos.dist.SnapshotAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent with real containers. What it is to do is in the snapshot that it finds on its disk, so
 * that no controller is needed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainersIT {
  private ContainerdRuntime runtime;
  @TempDir Path dir;

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

  private List<String> command(NodeSnapshot snapshot) throws IOException {
    return SnapshotAgent.command(dir.resolve("state"), snapshot);
  }

  private CustosProcess agent(NodeSnapshot snapshot, String... options) throws IOException {
    return SnapshotAgent.start(dir.resolve("state"), snapshot, options);
  }

  @Test
  void whatHappensInAContainerIsToldWithItsPodAndItsVolumesAreIncluded(@TempDir Path volume)
      throws Exception {
    RunningContainer one = runtime.container().bind(volume, "/data/vol").tmpfs("/data/ram").run();
    RunningContainer two = runtime.container().privateCgroups().run();
    try (CustosProcess custos = agent(snapshot(WATCHER.formatted("/data"), one, two))) {
      custos.awaitReady();
      one.sh("touch /data/file; touch /data/ram/memory; mkdir -p /data/vol/deep");
      two.sh("touch /data/second");
      custos.awaitLine("CREATE /data/file shop/web-0/main@node-1");
      custos.awaitLine("CREATE /data/ram/memory shop/web-0/main@node-1");
      custos.awaitLine("CREATE /data/vol/deep shop/web-0/main@node-1");
      custos.awaitLine("CREATE /data/second shop/web-1/main@node-1");
      assertThat(custos.err()).noneMatch(line -> line.contains(": failed"));
    }
  }

  @Test
  void aMountThatComesLaterIsWatchedAndItsEndIsFollowed() throws Exception {
    RunningContainer one = runtime.container().privileged().run();
    one.sh("mkdir /data/late");
    try (CustosProcess custos = agent(snapshot(WATCHER.formatted("/data"), one))) {
      custos.awaitReady();
      assertThat(one.sh("mount -t tmpfs none /data/late").exit()).isZero();
      awaitWatched(custos, one, "/data/late");
      assertThat(one.sh("umount /data/late").exit()).isZero();
      one.sh("touch /data/late/below; touch /data/marker");
      custos.awaitLine("CREATE /data/late/below shop/web-0/main@node-1");
      custos.awaitLine("CREATE /data/marker shop/web-0/main@node-1");
    }
  }

  @Test
  void aContainerThatIsStartedAgainIsWatchedAgainAndTheGapIsTold() throws Exception {
    RunningContainer one = runtime.container().run();
    RunningContainer two = runtime.container().run();
    try (CustosProcess custos =
        agent(snapshot(WATCHER.formatted("/data, /etc, /tmp"), one, two), "--json")) {
      custos.awaitReady();
      awaitWatched(custos, one, "/data");
      one.kill();
      await("its end is told; stderr: " + custos.err())
          .atMost(DEADLINE)
          .until(() -> custos.err().stream().anyMatch(line -> line.contains("has ended")));
      one.startAgain();
      awaitLine(custos, "the gap", line -> line.contains("container-restarted"));
      one.sh("touch /data/after");
      awaitLine(custos, "its files", line -> line.contains("/data/after"));
      two.sh("touch /data/other");
      awaitLine(custos, "the other's", line -> line.contains("/data/other"));

      assertThat(custos.out().stream().filter(line -> line.contains("container-restarted")))
          .as("one for each path")
          .hasSize(3)
          .allSatisfy(line -> assertThat(line).contains("\"name\":\"web-0\""));
      // One line that it ended, one that it is there; none for each path.
      assertThat(custos.err().stream().filter(line -> line.contains("/data")).toList()).isEmpty();
      assertThat(custos.err().stream().filter(line -> line.contains("web-0")).toList()).hasSize(2);
    }
  }

  @Test
  void aGuardInAContainerDeniesThereAndNowhereElse(@TempDir Path volume) throws Exception {
    Path hosts = Files.writeString(volume.resolve("hosts"), "of the host");
    RunningContainer one = runtime.container().bind(volume, "/vol").run();
    RunningContainer two = runtime.container().run();
    for (RunningContainer container : List.of(one, two)) {
      assertThat(container.sh("echo secret >/data/secret").exit()).isZero();
    }
    NodeSnapshot snapshot = snapshot(GUARD.formatted("/data/secret, /etc/hostname"), one);
    try (GuardedProcess custos = GuardedProcess.start(Map.of(), command(snapshot))) {
      custos.custos().awaitReady();
      assertThat(one.sh("cat /data/secret").exit()).isNotZero();
      assertThat(one.sh("cat /etc/hostname").text()).contains("not permitted");
      assertThat(one.sh("cat /vol/hosts").text()).isEqualTo("of the host");
      assertThat(two.sh("cat /data/secret").text()).isEqualTo("secret\n");
      assertThat(GuardedProcess.opens(hosts)).isTrue();
      assertThat(GuardedProcess.opens(Path.of("/etc/hostname"))).isTrue();
      custos.custos().awaitLine("DENY /data/secret shop/web-0/main");

      one.kill();
      one.startAgain();
      await("guarded again").atMost(DEADLINE).until(() -> one.sh("cat /data/secret").exit() != 0);
      assertThat(two.sh("cat /data/secret").exit()).isZero();
      custos.custos().signal("INT");
      custos.custos().awaitExit();
      assertThat(one.sh("cat /data/secret").text()).isEqualTo("secret\n");
    }
  }

  @Test
  void aContainerThatIsDeniedAllOfItselfStopsNobodyElse() throws Exception {
    RunningContainer one = runtime.container().run();
    RunningContainer two = runtime.container().run();
    String all = GUARD.formatted("/").replace("deny:", "recursive: true\n      deny:");
    try (GuardedProcess custos = GuardedProcess.start(Map.of(), command(snapshot(all, one)))) {
      custos.custos().awaitReady();
      assertThat(one.sh("echo ran").text()).doesNotStartWith("ran");
      assertThat(two.sh("cat /etc/hostname").text()).isEqualTo("busybox\n");
      RunningContainer three = runtime.container().run();
      assertThat(three.sh("cat /etc/hostname").text()).isEqualTo("busybox\n");
      for (String path : List.of("/etc/hostname", "/bin/sh", "/proc/self/status")) {
        assertThat(GuardedProcess.opens(Path.of(path))).as(path).isTrue();
      }
      assertThat(custos.custos().out()).allMatch(line -> line.endsWith(" shop/web-0/main"));

      one.kill();
      one.remove();
      assertThat(two.sh("echo ran").text()).isEqualTo("ran\n");
    }
  }

  @Test
  void aContainerThatSwapsLinksLeadsTheAgentNowhereElse(@TempDir Path decoy) throws Exception {
    String script =
        """
        mkdir -p /data/real /data/w
        while :; do
          rm -rf /data/w; ln -s %1$s /data/w; ln -sfn /proc/1/root/../../.. /data/up
          rm -f /data/w; mkdir /data/w; touch /data/w/in; ln -sfn %1$s /data/up
        done
        """
            .formatted(decoy);
    RunningContainer one = runtime.container().script(script).run();
    try (CustosProcess custos =
        agent(snapshot(WATCHER.formatted("/data/w, /data/up, /data/real"), one))) {
      custos.awaitReady();
      for (int i = 0; i < 300; i++) {
        Files.createFile(decoy.resolve("of-the-host-" + i));
      }
      awaitWatched(custos, one, "/data/real");
      assertThat(custos.out()).noneMatch(line -> line.contains("of-the-host"));
    }
  }

  @Test
  void aContainerThatEndsWhileItIsLookedThroughHoldsUpNobody() throws Exception {
    RunningContainer one = runtime.container().run();
    RunningContainer two = runtime.container().run();
    one.sh(
        "cd /data; for i in $(seq 30); do mkdir -p $i; for j in $(seq 60); do mkdir $i/$j; done; done");
    try (CustosProcess custos = agent(snapshot(WATCHER.formatted("/data, /"), one, two))) {
      await("the agent has begun")
          .atMost(DEADLINE)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> watchesAny(custos.pid()));
      one.kill();
      awaitWatched(custos, two, "/data");
      one.remove();
      assertThat(custos.err().size()).as("lines: %s", custos.err()).isLessThan(10);
    }
  }

  /** Whether a process below this one has an inotify instance open. */
  private static boolean watchesAny(long launcher) {
    return ProcessHandle.of(launcher)
        .map(
            process ->
                Stream.concat(Stream.of(process), process.descendants())
                    .anyMatch(ContainersIT::hasInotify))
        .orElse(false);
  }

  private static boolean hasInotify(ProcessHandle process) {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return files.anyMatch(
          file -> {
            try {
              return Files.readSymbolicLink(file).toString().contains("inotify");
            } catch (IOException e) {
              return false;
            }
          });
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anAgentInACgroupNamespaceOfItsOwnFindsThemToo() throws Exception {
    List<RunningContainer> all = new ArrayList<>();
    for (String name : ContainerRequest.CGROUP_NAMES) {
      all.add(runtime.container().cgroup(name).privateCgroups().run());
    }
    NodeSnapshot snapshot =
        snapshot(WATCHER.formatted("/data"), all.toArray(new RunningContainer[0]));
    String own = runtime.cgroup("11111111-2222-3333-4444-555555555555") + "/" + "d".repeat(64);
    // As the pod of the agent itself would be. Some hierarchies want to be set up first; the agent
    // then sees them from the top.
    String enter =
        """
        for h in %1$s; do
          mkdir -p $h%2$s && echo $$ >$h%2$s/cgroup.procs || true
        done 2>/dev/null
        exec unshare -C "$@"
        """
            .formatted(hierarchies(), own);
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", enter, "sh"));
    command.addAll(command(snapshot));
    try (CustosProcess custos = CustosProcess.start(Map.of(), command)) {
      custos.awaitReady();
      for (int i = 0; i < all.size(); i++) {
        all.get(i).sh("touch /data/file");
        custos.awaitLine("CREATE /data/file shop/web-" + i + "/main@node-1");
      }
      custos.signal("TERM");
      custos.awaitExit();
    }
  }

  private static String hierarchies() throws IOException {
    return String.join(
        " ", CgroupFolders.hierarchies().stream().map(folder -> folder.toString()).toList());
  }
}

package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.container.ContainerResolver;
import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.Opening;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.linux.PidFd;
import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Real containers are found by what the kernel says of them, whatever they do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerResolverTest {
  /** Ten thousand take minutes to start on a busy machine. */
  private static final int PROCESSES = Boolean.getBoolean("custos.long") ? 10_000 : 1_000;

  private static final Duration PATIENCE = Duration.ofSeconds(60 + PROCESSES / 20);

  private ContainerdRuntime runtime;
  private ContainerResolver resolver;

  @BeforeAll
  void start() throws Exception {
    runtime = ContainerdRuntime.start();
    resolver = ContainerResolver.ofThisNode();
  }

  @AfterAll
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  private static NodeSnapshot.Target target(String id, String pod) {
    return new NodeSnapshot.Target(id, "shop", "web-0", pod, "web", Map.of(), List.of(), List.of());
  }

  private Opening open(RunningContainer container) {
    NodeSnapshot.Target target = target(container.containerId(), container.podUid());
    return resolver.open(List.of(target), "node-1").get(target.id());
  }

  private OpenedTarget opened(RunningContainer container) {
    return ((Opening.Opened) open(container)).target();
  }

  /** What a file of a target holds, opened as backends open it. */
  private static String read(OpenedTarget target, String path) throws IOException {
    try (FileDescriptor file =
        new PathOpener()
            .openInRoot(
                target.root().number(), path.getBytes(StandardCharsets.UTF_8), Access.HANDLE)) {
      return Files.readString(Path.of("/proc/self/fd/" + file.number()));
    }
  }

  @Test
  void aContainerIsItsOwnFilesWithItsVolumes(@TempDir Path volume) throws Exception {
    Files.writeString(volume.resolve("file"), "of the volume");
    RunningContainer one = runtime.container().bind(volume, "/vol").tmpfs("/ram").run();
    RunningContainer two = runtime.container().inPod(one.podUid()).privateCgroups().run();
    one.sh("echo -n one >/data/who; echo -n memory >/ram/file; ln -s /data/who /etc/link");
    two.sh("echo -n two >/data/who");
    Map<String, Opening> both =
        resolver.open(
            List.of(
                target(one.containerId(), one.podUid()), target(two.containerId(), two.podUid())),
            "node-1");
    try (OpenedTarget first = ((Opening.Opened) both.get(one.containerId())).target();
        OpenedTarget second = ((Opening.Opened) both.get(two.containerId())).target()) {
      assertThat(read(first, "/data/who")).isEqualTo("one");
      assertThat(read(second, "/data/who")).isEqualTo("two");
      assertThat(read(first, "/vol/file")).isEqualTo("of the volume");
      assertThat(read(first, "/ram/file")).isEqualTo("memory");
      assertThat(read(first, "/etc/link")).isEqualTo("one");
      assertThat(Files.readString(first.target().mountTable())).contains(" /ram ", " /vol ");
      assertThat(first.target().pidFd()).isPresent();
      assertThat(first.target().origin().container()).isEqualTo("web");
    }
  }

  /** The kernel's own words for each, in every hierarchy of this machine. */
  @ParameterizedTest
  @FieldSource("dev.custos.dist.ContainerRequest#CGROUP_NAMES")
  void aContainerIsFoundAsEachDriverAndRuntimeNamesItsCgroup(String name) throws Exception {
    RunningContainer container = runtime.container().cgroup(name).run();
    container.sh("echo -n me >/data/who");
    try (OpenedTarget target = opened(container)) {
      assertThat(read(target, "/data/who")).isEqualTo("me");
      assertThat(Files.readSymbolicLink(target.target().mountTable().getParent()))
          .isEqualTo(Path.of("/proc/" + container.pid()));
    }
    NodeSnapshot.Target forged = target(container.containerId(), "11111111-2222");
    assertThat(resolver.open(List.of(forged), "node-1").get(forged.id()))
        .isInstanceOf(Opening.Failed.class);
  }

  /**
   * As where there is no other hierarchy; the lines of others are for processes outside of them.
   */
  @Test
  void aContainerIsFoundByCgroup2Alone() throws Exception {
    try (ContainerdRuntime unified = ContainerdRuntime.startOnCgroup2()) {
      // Of each driver one; what else there is in names was looked at with all hierarchies.
      for (int driver : new int[] {0, 4}) {
        String name = ContainerRequest.CGROUP_NAMES.get(driver);
        RunningContainer container = unified.container().cgroup(name).run();
        container.sh("echo -n me >/data/who");
        assertThat(Files.readAllLines(Path.of("/proc/" + container.pid() + "/cgroup")))
            .filteredOn(line -> line.contains(container.id()))
            .singleElement()
            .asString()
            .startsWith("0::/");
        try (OpenedTarget target = opened(container)) {
          assertThat(read(target, "/data/who")).isEqualTo("me");
          assertThat(target.target().cgroupId()).as("inode of its cgroup").isPresent();
        }
      }
    }
  }

  @Test
  void aContainerInGvisorIsRefusedWithTheReason() throws Exception {
    String pod = UUID.randomUUID().toString();
    String sandbox = runtime.gvisor(pod);
    // A container that runs in it, and itself.
    for (String id : List.of("a".repeat(64), sandbox)) {
      NodeSnapshot.Target target = target("containerd://" + id, pod);
      assertThat(resolver.open(List.of(target), "node-1").get(target.id()))
          .isInstanceOfSatisfying(
              Opening.Failed.class,
              failed ->
                  assertThat(failed.reason())
                      .contains("it runs in a sandbox (runsc-")
                      .contains("Kata Containers and gVisor are not supported"));
    }
  }

  @Test
  void aContainerThatIsGoneIsNeverConfusedWithAnotherProcess() throws Exception {
    RunningContainer container = runtime.container().run();
    try (OpenedTarget target = opened(container)) {
      container.kill();
      await("its folder in /proc is empty")
          .atMost(Duration.ofSeconds(30))
          .until(() -> !Files.isReadable(target.target().mountTable()));
      assertThat(open(container))
          .isEqualTo(new Opening.Pending("container " + container.id() + " has no process yet"));
      container.startAgain();
      assertThat(Files.isReadable(target.target().mountTable())).isFalse();
      try (OpenedTarget again = opened(container)) {
        assertThat(again.target().mountTable()).exists();
      }
    }
  }

  @Test
  void aProcessIdThatIsGivenOutAgainIsNotTakenForTheContainer(@TempDir Path dir) throws Exception {
    RunningContainer container = runtime.container().run();
    long pid = container.pid();
    try (OpenedTarget target = opened(container)) {
      assertThat(PidFd.isAlive(target.target().pidFd().getAsInt())).isTrue();
      container.kill();
      Process other = giveOut(pid, dir);
      try {
        assertThat(PidFd.isAlive(target.target().pidFd().getAsInt())).isFalse();
        assertThat(Files.isReadable(target.target().mountTable())).isFalse();
        assertThat(open(container))
            .isEqualTo(new Opening.Pending("container " + container.id() + " has no process yet"));
      } finally {
        other.descendants().forEach(ProcessHandle::destroyForcibly);
        other.destroyForcibly();
      }
    }
  }

  /**
   * Starts a process with this id: the kernel by itself would take hours for that, unless by chance
   * it has just done so.
   */
  private static Process giveOut(long pid, Path dir) throws IOException {
    Path script = dir.resolve("process-with-id.pl");
    try (InputStream in = ContainerResolverTest.class.getResourceAsStream("/process-with-id.pl")) {
      Files.copy(in, script);
    }
    Process parent =
        new ProcessBuilder("perl", script.toString(), Long.toString(pid))
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("said").toFile())
            .start();
    await("a process with the id " + pid)
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.isReadable(Path.of("/proc/" + pid + "/mountinfo")));
    return parent;
  }

  @Test
  void aContainerOfAnotherPodIsRefused() throws Exception {
    RunningContainer container = runtime.container().run();
    NodeSnapshot.Target forged = target(container.containerId(), "11111111-2222");
    assertThat(resolver.open(List.of(forged), "node-1").get(forged.id()))
        .isInstanceOfSatisfying(
            Opening.Failed.class,
            failed -> assertThat(failed.reason()).contains("is one of pod " + container.podUid()));
  }

  @Test
  void aContainerThatNamesItsCgroupsLikeAnotherStaysItself() throws Exception {
    RunningContainer victim = runtime.container().run();
    victim.sh("echo -n victim >/data/who");
    String pod = "/cg/kubepods/burstable/pod" + victim.podUid();
    // It was there before the victim is started again, so that it would be the older one.
    RunningContainer forger =
        runtime
            .container()
            .privileged()
            .privateCgroups()
            .script(
                """
                echo -n forger >/data/who; mkdir /cg; mount -t cgroup2 none /cg
                mkdir -p %1$s/%2$s /cg/%2$s; touch /data/made
                sleep 3600 & echo $! >/cg/%2$s/cgroup.procs
                echo $$ >%1$s/%2$s/cgroup.procs; touch /data/ready; exec sleep 3600
                """
                    .formatted(pod, victim.id()))
            .run();
    await("forged cgroups")
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(forger.file("/data/ready")));
    assertThat(Files.readString(Path.of("/proc/" + forger.pid() + "/cgroup")))
        .contains(forger.id() + "/kubepods/burstable/pod" + victim.podUid() + "/" + victim.id());
    victim.kill();
    victim.startAgain();
    try (OpenedTarget one = opened(victim);
        OpenedTarget other = opened(forger)) {
      assertThat(read(one, "/data/who")).isEqualTo("victim");
      assertThat(read(other, "/data/who")).isEqualTo("forger");
    }
  }

  @Test
  void theHostsRootIsNoContainersRoot() throws Exception {
    RunningContainer container =
        runtime.container().bind(Path.of("/"), "/host").script("exec chroot /host sleep 600").run();
    await("the process is old enough to be there for good")
        .atMost(Duration.ofSeconds(60))
        .until(() -> open(container) instanceof Opening.Failed);
    assertThat(open(container).toString()).contains("its root directory is the host's own");
  }

  @Test
  void linksOfAContainerLeadNowhereElse() throws Exception {
    RunningContainer container = runtime.container().run();
    container.sh(
        "ln -s /proc/1/root/data/who /data/link; ln -s ../../../../../../etc/hostname /data/up");
    try (OpenedTarget target = opened(container)) {
      assertThat(read(target, "/data/up")).isEqualTo("busybox\n");
    }
  }

  @Test
  void aContainerOfThousandsOfProcessesThatComeAndGoIsItsFirstOne() throws Exception {
    RunningContainer forker =
        runtime
            .container()
            .script(
                """
                echo -n forker >/data/who; cd /data
                for i in $(seq %d); do (for j in $(seq 100); do sleep 3600 & done; wait) & done
                until [ $(ls -d /proc/[0-9]* | wc -l) -gt %d ]; do usleep 300000; done
                touch ready; while :; do usleep 10000; done
                """
                    .formatted(PROCESSES / 100, PROCESSES))
            .run();
    RunningContainer neighbour = runtime.container().run();
    neighbour.sh("echo -n neighbour >/data/who");
    await(PROCESSES + " processes")
        .atMost(PATIENCE)
        .until(() -> Files.exists(forker.file("/data/ready")));
    for (int look = 0; look < 20; look++) {
      try (OpenedTarget many = opened(forker);
          OpenedTarget one = opened(neighbour)) {
        assertThat(Files.readSymbolicLink(many.target().mountTable().getParent()))
            .isEqualTo(Path.of("/proc/" + forker.pid()));
        assertThat(read(many, "/data/who")).isEqualTo("forker");
        assertThat(read(one, "/data/who")).isEqualTo("neighbour");
      }
    }
    String processes = forker.sh("ls -d /proc/[0-9]* 2>/dev/null | wc -l").text().strip();
    assertThat(Integer.parseInt(processes)).as("what was looked through").isGreaterThan(PROCESSES);
    forker.kill();
  }
}

package dev.custos.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What has become of a process since it was seen: each in turn, with real processes in cgroups that
 * are named as a pod's.
 */
class ContainerProcessTest {
  private static final Path PROC = Path.of("/proc");
  private static final String HOSTS = "its root directory is the host's own, not a container's";

  private final ContainerRef container =
      new ContainerRef(UUID.randomUUID().toString(), "a".repeat(64));
  private final PodCgroups cgroups = PodCgroups.seenFrom("");
  private Path cgroup;
  private Process process;

  @BeforeEach
  void start() throws Exception {
    boolean root = "root".equals(System.getProperty("user.name"));
    assumeTrue(root || "true".equals(System.getenv("CI")), "cgroups need root");
    String test = "custos-unit-" + container.podUid().substring(0, 8);
    cgroup =
        hierarchy().resolve(test + "/kubepods/pod" + container.podUid()).resolve("a".repeat(64));
    Files.createDirectories(cgroup);
    process = new ProcessBuilder("sleep", "600").start();
    Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
    for (Path one = cgroup; one != null && !one.equals(hierarchy()); one = one.getParent()) {
      Path empty = one;
      // Whoever has inherited a process from a test waits for it at some time of its own.
      await("no process in " + empty)
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> Files.deleteIfExists(empty) || !Files.exists(empty));
    }
  }

  /** Any that a process may be moved in without more ado, which cpuset's are not. */
  private static Path hierarchy() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      boolean isOne = line.contains(" - cgroup2 ") || line.contains(" - cgroup ");
      if (isOne && (line.contains("cgroup2") || line.contains("freezer"))) {
        return Path.of(line.split(" ", 6)[4]);
      }
    }
    throw new IOException("no cgroups are mounted");
  }

  private ProcessTable.Found found() throws IOException {
    return new ProcessTable.Found((int) process.pid(), folder(process.pid()).stat().startTime());
  }

  private static ProcFolder folder(long pid) {
    return new ProcFolder(PROC.resolve(Long.toString(pid)), new SmallFile());
  }

  private void assertRefused(ProcessTable.Found found, String why, boolean isPassing)
      throws IOException {
    HostFiles host = HostFiles.look(PROC);
    SmallFile files = new SmallFile();
    assertThatThrownBy(
            () -> ContainerProcess.open(PROC, found, container, cgroups, host, files).close())
        .isInstanceOfSatisfying(
            ContainerProcess.NotIt.class,
            notIt -> assertThat(notIt.isPassing()).isEqualTo(isPassing))
        .hasMessage(why);
  }

  @Test
  void oneThatIsStillThereIsLookedAtFurther() throws Exception {
    // As far as this test can get without a root directory of its own.
    assertRefused(found(), HOSTS, true);
  }

  @Test
  void oneThatHasEndedIsNotOpened() throws Exception {
    ProcessTable.Found found = found();
    process.destroyForcibly().waitFor();
    assertRefused(found, "its process has ended", true);
  }

  @Test
  void anotherThatHasGotItsIdIsNotTakenForIt() throws Exception {
    ProcessTable.Found now = found();
    assertRefused(
        new ProcessTable.Found(now.pid(), now.startTime() - 1), "its process has ended", true);
  }

  @Test
  void oneThatHasLeftTheContainersCgroupIsNotTakenForIt() throws Exception {
    ProcessTable.Found found = found();
    Path top = hierarchy().resolve("cgroup.procs");
    Files.writeString(top, Long.toString(process.pid()));
    assertRefused(found, "its process has ended", true);
  }

  @Test
  void oneThatHasEndedAndIsNotWaitedForIsNotOpened() throws Exception {
    // Its parent is a process that never waits.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 600 & echo $!; exec sleep 600").start();
    try {
      int child = Integer.parseInt(parent.inputReader().readLine());
      Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(child));
      long start = folder(child).stat().startTime();
      await("the one that never waits")
          .atMost(Duration.ofSeconds(30))
          .until(() -> folder(parent.pid()).name().equals("sleep"));
      ProcessHandle.of(child).orElseThrow().destroyForcibly();
      await().atMost(Duration.ofSeconds(30)).until(() -> folder(child).stat().hasEnded());
      assertRefused(new ProcessTable.Found(child, start), "its process has ended", true);
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }
}

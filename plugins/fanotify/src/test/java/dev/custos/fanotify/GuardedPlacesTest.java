package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where a guard may be, and what becomes of it when file systems come and go. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuardedPlacesTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void nothingIsGuardedOnAFileSystemThatMayHangAndFindingOutWaitsForNobody() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      Path file = fixture.file("/beside");
      Files.createDirectories(fixture.at("/m"));
      try (HangingFileSystem fuse = new HangingFileSystem(fixture.at("/m"))) {
        fuse.hang();
        PathState[] rows =
            fixture
                .apply(guard(subject("a")).deny("/m", "/m/file", "/m/a/b", "/beside").build())
                .paths()
                .toArray(PathState[]::new);
        for (int i = 0; i < 3; i++) {
          assertThat(rows[i].state()).isEqualTo(State.FAILED);
          assertThat(rows[i].reason()).contains("FUSE");
        }
        assertThat(rows[3].state()).isEqualTo(State.ACTIVE);
        assertThat(fixture.other().opens(file)).isFalse();
      }
    }
  }

  @Test
  void aTreeLeavesOutWhatIsMountedInItAndMayHangAndSaysSo() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      Path file = fixture.file("/data/a/file");
      Files.createDirectories(fixture.at("/data/m"));
      try (HangingFileSystem fuse = new HangingFileSystem(fixture.at("/data/m"))) {
        fuse.hang();
        PathState row =
            fixture.apply(guard(subject("a")).deny("/data").recursive().build()).paths().get(0);
        assertThat(row.state()).isEqualTo(State.ACTIVE);
        assertThat(row.reason()).contains("/data/m is on FUSE");
        assertThat(fixture.other().opens(file)).isFalse();
      }
    }
  }

  @Test
  void whatIsMountedOverAGuardedPathIsGuardedAndWhatIsUnmountedIsPending() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      Path file = fixture.file("/m/file");
      Guard guard = guard(subject("a")).deny("/m/file").build();
      fixture.apply(guard);
      String mount = "mount -t tmpfs tmpfs '" + fixture.at("/m") + "'";
      for (int i = 0; i < 2; i++) {
        assertThat(fixture.other().succeeds(mount)).isTrue();
        try {
          fixture.awaitState("/m/file", State.PENDING);
          fixture.context().coverage().clear();
          fixture.file("/m/file");
          assertThat(fixture.other().opens(file)).isFalse();
          fixture.awaitState("/m/file", State.ACTIVE);
          assertThat(fixture.other().opens(file)).isFalse();
          fixture.context().coverage().clear();
        } finally {
          unmount(fixture, "/m");
        }
        fixture.awaitState("/m/file", State.ACTIVE);
        fixture.context().coverage().clear();
        assertThat(fixture.other().opens(file)).isFalse();
      }
    }
  }

  /** A look at the target may have the file system open for a moment. */
  private static void unmount(GuardFixture fixture, String path) {
    String command = "umount '" + fixture.at(path) + "'";
    await().atMost(DEADLINE).until(() -> fixture.other().succeeds(command));
  }

  @Test
  void theFilesOfADirectoryAreMarkedAsFarAsThereIsRoomAndTheRestIsTold() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory, "max-marks = 4")) {
      for (int i = 0; i < 10; i++) {
        fixture.file("/data/" + i);
      }
      ApplyReport report = fixture.apply(guard(subject("a")).deny("/data").build());
      assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
      assertThat(report.paths().get(0).reason())
          .contains("7 files in it are not guarded under other names")
          .contains("custos.backends.fanotify.max-marks is 4");
      assertThat(report.kernelObjects()).isEqualTo(4);
      for (int i = 0; i < 10; i++) {
        assertThat(fixture.other().opens(fixture.at("/data/" + i))).isFalse();
      }
    }
  }

  @Test
  void aTreeThatHasMoreDirectoriesThanThereIsRoomForIsNotReportedAsGuarded() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory, "max-marks = 4")) {
      for (int i = 0; i < 10; i++) {
        Files.createDirectories(fixture.at("/data/" + i));
      }
      ApplyReport report = fixture.apply(guard(subject("a")).deny("/data").recursive().build());
      assertThat(report.paths().get(0).state()).isEqualTo(State.FAILED);
      assertThat(report.paths().get(0).reason())
          .contains("7 directories in it are not guarded")
          .contains("raise it");
      for (int i = 0; i < 10; i++) {
        Files.delete(fixture.at("/data/" + i));
      }
      fixture.awaitState("/data", State.ACTIVE);
    }
  }

  @Test
  void whatTheHeapHasNoRoomForIsNotReportedAsGuardedWhicheverTargetTookIt() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory);
        Targets targets = new Targets();
        FanotifyBackend backend = new FanotifyBackend(fixture.context(), "", new MarkRoom(3))) {
      fixture.file("/one/file");
      Path file = fixture.file("/other/file");
      Target one = targets.at(fixture.at("/one"), OptionalLong.empty());
      Target other = targets.at(fixture.at("/other"), OptionalLong.empty());
      Guard guard = guard(subject("a")).deny("/file").build();
      assertThat(backend.apply(new GuardPlan(one, List.of(guard))).paths().get(0).reason())
          .isEmpty();
      PathState part = backend.apply(new GuardPlan(other, List.of(guard))).paths().get(0);
      assertThat(part.reason()).contains("renamed over it is not guarded", "raise CUSTOS_HEAP");
      assertThat(fixture.other().opens(file)).isFalse();
      backend.apply(new GuardPlan(one, List.of()));
      assertThat(backend.apply(new GuardPlan(other, List.of(guard))).paths().get(0).reason())
          .isEmpty();
    }
  }

  @Test
  void theAgentsOwnLookAtAGuardedTreeIsNobodysEvent() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      Path file = fixture.file("/data/a/file");
      fixture.apply(
          guard(subject("a"))
              .deny("/data")
              .recursive()
              .kinds(PermissionKind.OPEN_PERM, PermissionKind.ACCESS_PERM)
              .build());
      Path late = fixture.file("/data/b/file");
      fixture.context().events().clear();
      await().atMost(DEADLINE).until(() -> !fixture.other().opens(late));
      fixture.context().events().clear();
      fixture.other().opens(file);
      // Of the file before, records may come still.
      await()
          .atMost(DEADLINE)
          .untilAsserted(
              () ->
                  assertThat(fixture.told(subject("a"), 1))
                      .extracting(event -> event.path().toString())
                      .contains("/data/a/file")
                      .doesNotContain("/data", "/data/a", "/data/b"));
    }
  }

  @Test
  void aContainersOwnFilesCanBeGuardedAndTheHostsAreNot() throws Exception {
    try (GuardFixture fixture = new GuardFixture(Files.createDirectory(directory.resolve("f")));
        ContainerShell shell = ContainerShell.start(directory)) {
      shell.file("/etc/secret");
      shell.file("/run/secret");
      shell.file("/shared/file");
      Target container = fixture.targets().of(shell.pid());
      ApplyReport report =
          fixture.apply(
              container,
              guard(subject("a"))
                  .deny("/etc/secret", "/run/secret", "/usr/bin", "/bin/cat", "/shared/file")
                  .build());
      assertThat(report.paths())
          .extracting(PathState::state)
          .containsExactly(State.ACTIVE, State.ACTIVE, State.FAILED, State.FAILED, State.FAILED);
      assertThat(report.paths().get(3).reason())
          .contains("/usr/bin/cat is the host's too")
          .contains("custos.backends.fanotify.allow-host-paths");
      assertThat(shell.opens("/etc/secret")).isFalse();
      assertThat(shell.opens("/run/secret")).isFalse();
      assertThat(shell.opens("/shared/file")).isTrue();
    }
  }

  @Test
  void theHostsFilesCanBeGuardedInAContainerIfThatIsAllowed() throws Exception {
    try (GuardFixture fixture =
            new GuardFixture(
                Files.createDirectory(directory.resolve("f")), "allow-host-paths = true");
        ContainerShell shell = ContainerShell.start(directory)) {
      shell.file("/shared/file");
      Target container = fixture.targets().of(shell.pid());
      fixture.apply(container, guard(subject("a")).deny("/shared/file").build());
      assertThat(shell.opens("/shared/file")).isFalse();
      assertThat(fixture.other().opens(directory.resolve("shared/file"))).isFalse();
    }
  }

  @Test
  void aTreeInAContainerLeavesOutWhatIsTheHosts() throws Exception {
    try (GuardFixture fixture = new GuardFixture(Files.createDirectory(directory.resolve("f")));
        ContainerShell shell = ContainerShell.start(directory)) {
      shell.file("/data/file");
      shell.file("/shared/file");
      Target container = fixture.targets().of(shell.pid());
      PathState row =
          fixture
              .apply(container, guard(subject("a")).deny("/").recursive().observe().build())
              .paths()
              .get(0);
      assertThat(row.state()).isEqualTo(State.ACTIVE);
      assertThat(row.reason()).contains("/usr is the host's too").contains("/proc is on proc");
    }
  }

  @Test
  void theWholeMountOfAContainersRootIsGuardedInEveryNamespace() throws Exception {
    try (GuardFixture fixture = new GuardFixture(Files.createDirectory(directory.resolve("f")));
        ContainerShell shell = ContainerShell.start(directory)) {
      shell.file("/data/deep/down/file");
      shell.file("/run/file");
      shell.file("/shared/file");
      Target container = fixture.targets().of(shell.pid());
      ApplyReport report =
          fixture.apply(container, guard(subject("a")).deny("/data").wholeMount().build());
      assertThat(report.paths()).extracting(PathState::state).containsExactly(State.ACTIVE);
      assertThat(report.kernelObjects()).isEqualTo(1);
      assertThat(fixture.backend().inspect().matches()).isTrue();
      assertThat(shell.opens("/data/deep/down/file")).isFalse();
      assertThat(shell.opens("/run/file")).isTrue();
      assertThat(shell.opens("/shared/file")).isTrue();
      String elsewhere = "unshare -m sh -c 'mount --bind /data/deep /run && : < /run/down/file'";
      assertThat(shell.succeeds(elsewhere)).isFalse();
      fixture.apply(container);
      assertThat(shell.succeeds(elsewhere)).isTrue();
    }
  }

  @Test
  void aWholeMountThatIsNotTheTargetsAloneIsRefused() throws Exception {
    try (GuardFixture fixture = new GuardFixture(Files.createDirectory(directory.resolve("f")));
        ContainerShell shell = ContainerShell.start(directory)) {
      Target container = fixture.targets().of(shell.pid());
      ApplyReport report =
          fixture.apply(
              container, guard(subject("a")).deny("/run", "/usr", "/shared").wholeMount().build());
      assertThat(report.paths())
          .extracting(PathState::state)
          .containsExactly(State.ACTIVE, State.FAILED, State.FAILED);
      Target host = fixture.targets().at(Path.of("/"), OptionalLong.empty());
      PathState root =
          fixture
              .apply(host, guard(subject("a")).deny("/").wholeMount().observe().build())
              .paths()
              .get(0);
      assertThat(root.state()).isEqualTo(State.FAILED);
      assertThat(root.reason()).contains("the agent itself runs from");
    }
  }

  @Test
  void aFileSystemInMemoryThatNobodyElseHasIsGuardedAsAWhole() throws Exception {
    try (GuardFixture fixture = new GuardFixture(Files.createDirectory(directory.resolve("f")))) {
      Files.createDirectories(fixture.at("/m"));
      fixture.file("/m/x");
      assertThat(fixture.other().succeeds("mount -t tmpfs tmpfs '" + fixture.at("/m") + "'"))
          .isTrue();
      Guard guard = guard(subject("a")).deny("/m").wholeMount().build();
      try {
        fixture.file("/m/file");
        assertThat(fixture.apply(guard).paths().get(0).reason()).isEmpty();
        assertThat(fixture.other().opens(fixture.at("/m/file"))).isFalse();
        fixture.apply();
      } finally {
        unmount(fixture, "/m");
      }
    }
  }

  @Test
  void anUnlinkedFileOfADeniedDirectoryIsNotReadUnderAnAllowedName() throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      fixture.file("/allow/file");
      fixture.file("/deny/other");
      fixture.apply(
          guard(subject("a"))
              .allow("/allow")
              .deny("/deny")
              .kinds(PermissionKind.ACCESS_PERM)
              .build());
      Path allow = fixture.at("/allow");
      String make = "echo text > '" + fixture.at("/deny/late") + "'";
      String disguise = "mount --bind '" + fixture.at("/deny") + "' '" + allow + "'";
      String read = "{ rm '" + allow + "/late'; read -r line; } < '" + allow + "/late'";
      assertThat(fixture.other().succeeds(make)).isTrue();
      assertThat(fixture.other().succeeds("unshare -m sh -c \"" + disguise + " && " + read + "\""))
          .isFalse();
      assertThat(
              fixture
                  .other()
                  .succeeds("{ rm '" + allow + "/file'; read -r line; } < '" + allow + "/file'"))
          .isTrue();
    }
  }
}

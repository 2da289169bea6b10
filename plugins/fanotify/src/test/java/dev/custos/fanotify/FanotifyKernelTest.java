package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.testkit.GuardBackendContract;
import dev.custos.testkit.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What fanotify makes of the promises, and who would like to get around them. */
class FanotifyKernelTest extends GuardBackendContract {
  private final Targets targets = new Targets();

  @Override
  protected GuardBackendProvider provider() {
    return new FanotifyProvider();
  }

  @Override
  protected Target target(Path root, OptionalLong owner) {
    return targets.at(root, owner);
  }

  @Override
  protected void release(Target target) {
    targets.close();
  }

  @Test
  void aProgramThatIsDeniedExecutionCanStillBeRead() throws Exception {
    Path program = file("/bin/program");
    Files.writeString(program, "#!/bin/sh\nexit 0\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(other().executes(program)).isTrue();
    apply(guard(subject("web")).deny("/bin").kinds(PermissionKind.OPEN_EXEC_PERM).build());

    assertThat(other().executes(program)).isFalse();
    assertThat(other().reads(program)).isTrue();
    assertThat(told(subject("web"), 1))
        .containsExactly("DENY OPEN_EXEC_PERM /bin/program (deny /bin)");
  }

  @Test
  void aDirectoryIsToldAsOne() throws Exception {
    file("/data/file");
    apply(guard(subject("web")).deny("/data").build());
    other().opens(at("/data"));
    AccessDecided event =
        (AccessDecided) context().events().awaitEvent(e -> e instanceof AccessDecided, DEADLINE);
    assertThat(event.fileType()).isEqualTo(FileType.DIRECTORY);
  }

  @Test
  void theRootOfATargetCanBeGuarded() throws Exception {
    Path file = file("/file");
    apply(guard(subject("web")).deny("/").build());
    assertThat(other().opens(file)).isFalse();
    assertThat(other().opens(at("/"))).isFalse();
    assertThat(told(subject("web"), 2))
        .containsExactly("DENY OPEN_PERM /file (deny /)", "DENY OPEN_PERM / (deny /)");
  }

  @Test
  void aMountNamespaceThatShowsADeniedFileUnderAnAllowedNameHelpsNobody() throws Exception {
    Path denied = file("/deny/file");
    Path allowed = file("/allow/file");
    apply(guard(subject("web")).allow("/allow").deny("/deny").build());
    Assumptions.assumeTrue(other().succeeds("unshare -m true"), "no mount namespaces here");

    String inside = "mount --bind '" + denied.getParent() + "' '" + allowed.getParent() + "'";
    String read = "cat '" + allowed + "' >&2";
    assertThat(other().succeeds("unshare -m sh -c \"" + inside + "\"")).isTrue();
    assertThat(other().succeeds("unshare -m sh -c \"" + inside + " && " + read + "\"")).isFalse();
    assertThat(other().opens(allowed)).isTrue();
  }

  @Test
  void aFileThatIsReadAfterItsNameIsGoneIsStillItsDirectorys() throws Exception {
    Path file = file("/data/file");
    file("/other/file");
    apply(
        guard(subject("web"))
            .allow("/data")
            .deny("/other")
            .kinds(PermissionKind.ACCESS_PERM)
            .build());
    String read = "{ rm '" + file + "'; read -r line; } < '" + file + "'";
    assertThat(other().succeeds(read)).isTrue();
    assertThat(told(subject("web"), 1).get(0))
        .isEqualTo("ALLOW ACCESS_PERM /data/file (allow /data)");
  }

  @Test
  void anInodeNumberThatIsUsedAgainIsNotTakenForTheFileThatHadIt() throws Exception {
    file("/data/keep");
    for (int i = 0; i < 20; i++) {
      Path old = file("/data/old");
      long inode = (Long) Files.getAttribute(old, "unix:ino");
      apply(guard(subject("web")).allow("/data").deny("/data/old").build());
      Files.delete(old);
      Path young = file("/data/young");
      boolean reused = inode == (Long) Files.getAttribute(young, "unix:ino");
      assertThat(other().opens(young)).as("reused: %s", reused).isTrue();
      Files.delete(young);
      if (reused) {
        return;
      }
    }
    Assumptions.abort("the file system gives out no inode number twice");
  }

  @Test
  void aGuardOfNothingThatCanBeGuardedIsRefusedAloud() throws Exception {
    Path file = file("/data/file");
    ApplyReport report = apply(guard(subject("d")).deny("/data").kinds().build());

    assertThat(report.paths()).extracting(PathState::state).containsOnly(State.FAILED);
    assertThat(report.paths())
        .extracting(PathState::reason)
        .satisfiesExactly(r -> assertThat(r).contains("none of its events"));
    assertThat(report.kernelObjects()).isZero();
    assertThat(other().opens(file)).isTrue();
  }

  @Test
  void procIsRefusedBecauseTheGuardReadsIt() throws Exception {
    Target host = anotherTarget(Path.of("/"));
    ApplyReport report =
        backend()
            .apply(new GuardPlan(host, List.of(guard(subject("a")).deny("/proc/version").build())));
    assertThat(report.paths().get(0).state()).isEqualTo(State.FAILED);
    assertThat(report.paths().get(0).reason()).contains("proc");
  }

  @Test
  void anOwnerThatDoesNotExistIsToldInTheReport() throws Exception {
    file("/data/file");
    Target without = targets.at(at("/"), OptionalLong.empty());
    Guard guard = guard(subject("a")).deny("/data").autoAllowOwner().build();
    ApplyReport report = backend().apply(new GuardPlan(without, List.of(guard)));
    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    assertThat(report.paths().get(0).reason()).contains("autoAllowOwner");
  }

  @Test
  void aLargeFileIsAskedAboutAndNotDeniedByTheKernel() throws Exception {
    Path large = file("/data/large");
    assertThat(other().succeeds("truncate -s 5G '" + large + "'")).isTrue();
    apply(guard(subject("web")).allow("/data").build());
    assertThat(other().opens(large)).isTrue();
    assertThat(told(subject("web"), 1)).hasSize(1);
  }

  @Test
  void auditedAnswersAreTakenByTheKernel() throws Exception {
    Path file = file("/data/file");
    Path secret = file("/data/secret");
    ApplyReport report =
        apply(guard(subject("web")).allow("/data").deny("/data/secret").audit().build());
    assertThat(report.paths()).extracting(PathState::state).containsOnly(State.ACTIVE);
    assertThat(other().opens(file)).isTrue();
    assertThat(other().opens(secret)).isFalse();
    assertThat(told(subject("web"), 2)).hasSize(2);
  }

  @Test
  void whatStopsBeingGuardedIsNeverDeniedOnTheWay() throws Exception {
    Path moving = file("/data/moving");
    file("/data/fixed");
    Guard fixed = guard(subject("fixed")).deny("/data/fixed").reportDenied().build();
    Guard allows = guard(subject("allows")).allow("/data/moving").reportDenied().build();

    try (OtherProcess process = OtherProcess.start()) {
      process.beginToOpen(moving, 5000);
      for (int i = 0; i < 200; i++) {
        apply(i % 2 == 0 ? new Guard[] {fixed, allows} : new Guard[] {fixed});
      }
      // Under no plan is it denied.
      assertThat(process.opened()).isEqualTo(5000);
    }
  }

  @Test
  void manyProcessesAtOnceAllGetTheirAnswer() throws Exception {
    Path denied = file("/data/denied");
    Path allowed = file("/data/allowed");
    apply(guard(subject("web")).allow("/data").deny("/data/denied").build());
    List<OtherProcess> processes =
        IntStream.range(0, 16).mapToObj(i -> OtherProcess.start()).toList();
    try {
      for (int i = 0; i < processes.size(); i++) {
        processes.get(i).beginToOpen(i % 2 == 0 ? denied : allowed, 1000);
      }
      for (int i = 0; i < processes.size(); i++) {
        assertThat(processes.get(i).opened()).isEqualTo(i % 2 == 0 ? 0 : 1000);
      }
    } finally {
      processes.forEach(OtherProcess::close);
    }
  }

  @Test
  void anAskerThatIsKilledWhileItWaitsHoldsNobodyUp() throws Exception {
    Path denied = file("/data/denied");
    apply(guard(subject("web")).deny("/data").reportDenied().build());
    for (int i = 0; i < 20; i++) {
      OtherProcess doomed = OtherProcess.start();
      doomed.beginToOpen(denied, 1_000_000);
      doomed.close();
    }
    assertThat(other().opens(denied)).isFalse();
  }

  @Test
  void aHundredTargetsHaveAReaderEachAndLeaveNoDescriptor() throws Exception {
    List<Path> files = new ArrayList<>();
    long before = descriptors();
    List<Target> hundred = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      files.add(file("/t" + i + "/file"));
      hundred.add(anotherTarget(at("/t" + i)));
    }
    long withTargets = descriptors();
    for (Target target : hundred) {
      backend().apply(new GuardPlan(target, List.of(guard(subject("web")).deny("/file").build())));
    }
    for (Path file : files) {
      assertThat(other().opens(file)).isFalse();
    }
    for (Target target : hundred) {
      backend().apply(new GuardPlan(target, List.of()));
    }
    assertThat(descriptors()).isEqualTo(withTargets);
    assertThat(withTargets).isGreaterThan(before);
    // The publisher's, the supervisor's and the follower's.
    eventually("no other thread is left", () -> context().liveThreads().size() == 3);
  }

  @Test
  void aFileThatIsGoneTakesItsMarkWithItAndTheInspectionKnows() throws Exception {
    Path file = file("/data/file");
    apply(guard(subject("web")).deny("/data/file").build());
    assertThat(backend().inspect().matches()).isTrue();
    Files.delete(file);
    context().coverage().awaitChange(change -> change.state().state() == State.PENDING, DEADLINE);
    assertThat(backend().inspect().matches()).isTrue();

    file("/data/file");
    assertThat(other().opens(file)).isFalse();
  }

  @Test
  void aGuardHoldsOnAFileSystemInMemory() throws Exception {
    Files.createDirectories(at("/m"));
    Assumptions.assumeTrue(
        other().succeeds("mount -t tmpfs tmpfs '" + at("/m") + "'"), "tmpfs can't be mounted here");
    try {
      holdsBelow("/m");
    } finally {
      // Fails if the guard kept a descriptor of it open.
      assertThat(other().succeeds("umount '" + at("/m") + "'")).isTrue();
    }
  }

  @Test
  void aGuardHoldsOnAnOverlayAlsoForAFileThatIsCopiedUp() throws Exception {
    // An overlay's upper layer has to be on a file system that takes extended attributes.
    for (String directory : List.of("/lower/deny", "/lower/allow", "/upper", "/work", "/m")) {
      Files.createDirectories(at(directory));
    }
    file("/lower/deny/copied");
    file("/lower/allow/copied");
    String layers =
        "lowerdir=" + at("/lower") + ",upperdir=" + at("/upper") + ",workdir=" + at("/work");
    Assumptions.assumeTrue(
        other().succeeds("mount -t overlay overlay -o '" + layers + "' '" + at("/m") + "'"),
        "an overlay can't be mounted here");
    try {
      Target inOverlay = anotherTarget(at("/m"));
      Guard guard = guard(subject("copied")).allow("/allow").deny("/deny", "/allow/x").build();
      Guard file = guard(subject("file")).deny("/deny/copied").allow("/allow/copied").build();
      backend().apply(new GuardPlan(inOverlay, List.of(guard, file)));
      assertThat(other().opens(at("/m/allow/copied"))).isTrue();
      // Written by this process, which is not denied, so that the overlay copies them up.
      Files.writeString(at("/m/deny/copied"), "another line\n");
      Files.writeString(at("/m/allow/copied"), "another line\n");
      assertThat(other().opens(at("/m/deny/copied"))).isFalse();
      assertThat(other().opens(at("/m/allow/copied"))).isTrue();
      backend().apply(new GuardPlan(inOverlay, List.of()));
      holdsBelow("/m");
    } finally {
      backend().close();
      targets.close();
      assertThat(other().succeeds("umount '" + at("/m") + "'")).isTrue();
    }
  }

  private void holdsBelow(String mount) throws Exception {
    Path denied = file(mount + "/d/denied");
    Path allowed = file(mount + "/a/allowed");
    apply(guard(subject("web")).allow(mount + "/a").deny(mount + "/d").build());
    assertThat(other().opens(denied)).isFalse();
    assertThat(other().opens(allowed)).isTrue();
    assertThat(backend().inspect().matches()).isTrue();
    apply();
    assertThat(other().opens(denied)).isTrue();
  }

  /** Without pipes, because the JDK closes those of a child some time after that has ended. */
  private static long descriptors() throws Exception {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      return list.filter(fd -> !isPipe(fd)).count();
    }
  }

  private static boolean isPipe(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString().startsWith("pipe:");
    } catch (IOException e) {
      return true; // such a pipe, closed just now
    }
  }
}

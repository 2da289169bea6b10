package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.AccessDecided.Response;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.testkit.OtherProcess;
import dev.custos.testkit.TestBackendContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards that look at who asks. */
class AskerKernelTest {
  private static final int NOBODY = 65534;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;
  @TempDir Path elsewhere;
  private GuardFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new GuardFixture(directory);
    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private static Processes executables(String... paths) {
    Set<FilePath> files = new HashSet<>();
    for (String path : paths) {
      files.add(FilePath.of(path));
    }
    return new Processes(files, Set.of());
  }

  private static Processes uids(Integer... uids) {
    return new Processes(Set.of(), Set.of(uids));
  }

  private boolean runs(String program, Path file) {
    return fixture.other().succeeds("'" + program + "' '" + file + "' >&2");
  }

  private boolean runs(Path program, Path file) {
    return runs(program.toString(), file);
  }

  private boolean readsAs(int uid, Path file) {
    String user = "setpriv --reuid " + uid + " --clear-groups ";
    return fixture.other().succeeds(user + "cat '" + file + "' >&2");
  }

  // ---- executables

  @Test
  void aGuardOfSomeProgramsIsAboutNoOther() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path reader = fixture.program("/bin/cat", fixture.at("/bin/reader"));
    Path namesake = fixture.program("/bin/cat", fixture.at("/other/reader"));
    fixture.apply(
        guard(subject("web")).deny("/data/secret").processes(executables("/bin/reader")).build());

    assertThat(runs(reader, secret)).isFalse();
    assertThat(runs(namesake, secret)).isTrue();
    assertThat(runs("/bin/cat", secret)).isTrue();
    assertThat(runs(reader, secret)).isFalse();
    assertThat(fixture.told(subject("web"), 2))
        .extracting(AccessDecided::response)
        .containsExactly(Response.DENY, Response.DENY);
  }

  @Test
  void aProgramIsItsFileUnderWhateverName() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path reader = fixture.program("/bin/cat", fixture.at("/bin/reader"));
    Path link = Files.createLink(fixture.at("/bin/link"), reader);
    Files.createSymbolicLink(fixture.at("/bin/symbolic"), Path.of("reader"));
    fixture.apply(
        guard(subject("web")).deny("/data/secret").processes(executables("/bin/symbolic")).build());

    assertThat(runs(link, secret)).isFalse();
    assertThat(runs(Files.move(reader, fixture.at("/bin/moved")), secret)).isFalse();
  }

  @Test
  void aProgramThatTakesTheOldOnesPlaceIsMeantToo() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path reader = fixture.program("/bin/cat", fixture.at("/bin/reader"));
    fixture.apply(
        guard(subject("web")).deny("/data/secret").processes(executables("/bin/reader")).build());
    Path update = fixture.program("/bin/cat", fixture.at("/bin/update"));
    Files.move(update, reader, StandardCopyOption.REPLACE_EXISTING);

    assertThat(runs(reader, secret)).isFalse();
  }

  @Test
  void aProgramThatIsNotThereYetIsSaidAndCountsOnceItIs() throws Exception {
    Path secret = fixture.file("/data/secret");
    List<PathState> rows =
        fixture
            .apply(
                guard(subject("web"))
                    .deny("/data/secret")
                    .processes(executables("/bin/later"))
                    .build())
            .paths();
    assertThat(rows).extracting(PathState::state).containsExactly(PathState.State.ACTIVE);
    assertThat(rows.get(0).reason()).contains("/bin/later");

    Path later = fixture.program("/bin/cat", fixture.at("/bin/later"));
    assertThat(runs(later, secret)).isFalse();
    assertThat(runs("/bin/cat", secret)).isTrue();
  }

  // ---- users

  @Test
  void aGuardOfSomeUsersIsAboutNoOther() throws Exception {
    Path secret = fixture.file("/data/secret");
    fixture.apply(guard(subject("web")).deny("/data/secret").processes(uids(NOBODY)).build());

    assertThat(readsAs(NOBODY, secret)).isFalse();
    assertThat(readsAs(NOBODY - 1, secret)).isTrue();
    assertThat(runs("/bin/cat", secret)).isTrue();
    AccessDecided denied = fixture.told(subject("web"), 1).get(0);
    assertThat(denied.process().orElseThrow().uid()).hasValue(NOBODY);
  }

  @Test
  void usersAreNumberedAsTheContainerNumbersThem() throws Exception {
    Path secret = fixture.file("/data/secret");
    String command = "setpriv --reuid " + NOBODY + " --clear-groups unshare --user --map-root-user";
    Process container =
        new ProcessBuilder("sh", "-c", "exec " + command + " sh -c 'echo ready; exec cat'").start();
    try {
      assertThat(container.inputReader().readLine()).isEqualTo("ready");
      fixture.ownedBy(container.pid());
      fixture.apply(guard(subject("web")).deny("/data/secret").processes(uids(0)).build());

      assertThat(runs("/bin/cat", secret)).as("root of the host").isTrue();
      assertThat(readsAs(NOBODY, secret)).as("who is root in the container").isFalse();
      assertThat(fixture.told(subject("web"), 1).get(0).process().orElseThrow().uid()).hasValue(0);
    } finally {
      container.destroyForcibly().waitFor();
    }
  }

  @Test
  void programAndUserHaveBothToMatch() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path reader = fixture.program("/bin/cat", fixture.at("/bin/reader"));
    Processes both = new Processes(Set.of(FilePath.of("/bin/reader")), Set.of(NOBODY));
    fixture.apply(
        guard(subject("some")).deny("/data/secret").processes(both).build(),
        guard(subject("all")).allow("/data").build());

    String asNobody = "setpriv --reuid " + NOBODY + " --clear-groups ";
    assertThat(runs(reader, secret)).isTrue();
    assertThat(readsAs(NOBODY, secret)).isTrue();
    assertThat(fixture.other().succeeds(asNobody + "'" + reader + "' '" + secret + "' >&2"))
        .isFalse();
    assertThat(fixture.told(subject("all"), 3))
        .extracting(e -> e.response() + " " + e.rule())
        .containsExactly("ALLOW allow /data", "ALLOW allow /data", "DENY deny /data/secret");
  }

  // ---- records

  @Test
  void aDenialSaysWhoAsked() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path reader = fixture.program("/bin/cat", fixture.at("/bin/reader"));
    fixture.apply(guard(subject("web")).deny("/data/secret").build());
    runs(reader, secret);

    ProcessFacts process = fixture.told(subject("web"), 1).get(0).process().orElseThrow();
    assertThat(process.executable()).isEqualTo(FilePath.of("/bin/reader"));
    assertThat(process.command()).isEqualTo("reader");
    assertThat(process.uid()).hasValue(0);
    assertThat(process.pid()).isPresent();
    assertThat(process.gone()).isFalse();
  }

  @Test
  void anAllowanceSaysWhoAskedIfItIsStillThere() throws Exception {
    Path file = fixture.file("/data/file");
    fixture.apply(guard(subject("web")).allow("/data").build());
    fixture.other().opens(file);

    ProcessFacts process = fixture.told(subject("web"), 1).get(0).process().orElseThrow();
    assertThat(process.pid()).hasValue((int) fixture.other().pid());
    assertThat(process.command()).isEqualTo("sh");
    assertThat(process.uid()).hasValue(0);
  }

  @Test
  void anExecutionIsAskedForByWhoeverRanItBefore() throws Exception {
    Path program = fixture.program("/bin/true", fixture.at("/bin/program"));
    fixture.apply(guard(subject("web")).allow("/bin").kinds(PermissionKind.OPEN_EXEC_PERM).build());
    fixture.other().executes(program);

    ProcessFacts process = fixture.told(subject("web"), 1).get(0).process().orElseThrow();
    assertThat(process.command()).isEqualTo("sh");
  }

  @Test
  void aProcessThatEndedIsGoneAndNoOther() throws Exception {
    Process ended = new ProcessBuilder("cat").start();
    Decision decision = new Decision();
    decision.pid = (int) ended.pid();
    decision.pidFd = new PidFds().open(decision.pid);
    decision.process.only(decision.pid);
    ended.destroyForcibly().waitFor();
    try (Targets targets = new Targets()) {
      new LateLook(targets.at(directory, OptionalLong.empty()), IdMap.SAME).complete(decision);
    }

    assertThat(decision.process.facts()).isEqualTo(ProcessFacts.gone(decision.pid));
    assertThat(decision.pidFd).isEqualTo(PidFds.NONE);
  }

  // ---- audit

  @Test
  void auditedAnswersAreInTheKernelsAuditLog() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path open = fixture.file("/data/open");
    fixture.apply(
        guard(subject("web")).deny("/data/secret").audit().build(),
        guard(subject("other")).allow("/data/open").audit().build());
    try (AuditLog log = audit();
        OtherProcess asker = OtherProcess.start()) {
      assertThat(asker.opens(secret)).isFalse();
      assertThat(log.await(AuditLog.FANOTIFY, "resp=2", DEADLINE)).isNotNull();
      assertThat(asker.opens(open)).isTrue();
      assertThat(log.await(AuditLog.FANOTIFY, "resp=1", DEADLINE)).isNotNull();
    }
  }

  @Test
  void whatCannotBeAuditedIsNotGuardedAndThatIsSaid() throws Exception {
    TestBackendContext context = TestBackendContext.builder().build();
    try (Targets targets = new Targets();
        FanotifyBackend backend =
            new FanotifyBackend(context, "no such thing", new MarkRoom(100))) {
      fixture.file("/data/secret");
      Target target = targets.at(directory, OptionalLong.empty());
      List<PathState> rows =
          backend
              .apply(
                  new GuardPlan(
                      target,
                      List.of(
                          guard(subject("a")).deny("/data/secret").audit().build(),
                          guard(subject("b")).allow("/data").build())))
              .paths();
      assertThat(rows)
          .extracting(PathState::state)
          .containsExactly(PathState.State.FAILED, PathState.State.ACTIVE);
      assertThat(rows.get(0).reason()).contains("no such thing", "leave out audit");
    }
    context.assertThreadsEnded(DEADLINE);
  }

  private static AuditLog audit() {
    try {
      return AuditLog.open();
    } catch (IOException e) {
      return Assumptions.abort("there is no auditing to be had here: " + e.getMessage());
    }
  }

  // ---- protected

  @Test
  void whatTheAgentStartsIsNeverDenied() throws Exception {
    Path secret = fixture.file("/data/secret");
    fixture.apply(guard(subject("web")).deny("/data").build());
    Process child = new ProcessBuilder("cat", secret.toString()).start();

    assertThat(child.waitFor()).isZero();
    assertThat(fixture.told(subject("web"), 1))
        .extracting(e -> e.response() + " " + e.rule())
        .containsOnly("ALLOW protected");
  }

  @Test
  void theKubeletIsNeverDenied() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path kubelet = fixture.program("/bin/cat", elsewhere.resolve("kubelet"));
    Path shim = fixture.program("/bin/cat", elsewhere.resolve("containerd-shim-runc-v2"));
    fixture.apply(guard(subject("web")).deny("/data").build());

    assertThat(runs(kubelet, secret)).isTrue();
    assertThat(runs(shim, secret)).isTrue();
    assertThat(runs("/bin/cat", secret)).isFalse();
    assertThat(fixture.told(subject("web"), 3))
        .extracting(e -> e.response() + " " + e.rule())
        .containsExactly("ALLOW protected", "ALLOW protected", "DENY deny /data");
  }

  @Test
  void whoeverOnlyCallsItselfKubeletIsDenied() throws Exception {
    Path secret = fixture.file("/data/secret");
    Path kubelet = fixture.program("/bin/cat", elsewhere.resolve("kubelet"));
    fixture.apply(guard(subject("web")).deny("/data").build());

    String asNobody = "setpriv --reuid " + NOBODY + " --clear-groups ";
    String ask = "'" + kubelet + "' '" + secret + "' >&2";
    assertThat(fixture.other().succeeds(asNobody + ask)).as("another user").isFalse();
    assertThat(fixture.other().succeeds("unshare --pid --fork " + ask)).as("its own ids").isFalse();
    String renamed = "bash -c \"exec -a kubelet cat '" + secret + "' >&2\"";
    assertThat(fixture.other().succeeds(renamed)).as("by its arguments").isFalse();
    Files.setPosixFilePermissions(kubelet, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertThat(runs(kubelet, secret)).as("a program that others write").isFalse();
    Files.setPosixFilePermissions(kubelet, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(fixture.other().succeeds("chown " + NOBODY + " '" + kubelet + "'")).isTrue();
    assertThat(runs(kubelet, secret)).as("another user's program").isFalse();
  }
}

package dev.custos.testkit;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendException;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.AccessDecided.Response;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.guard.GuardPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds a guard backend to what {@link dev.custos.spi} and {@link dev.custos.spi.guard} promise, on
 * real files below a directory of the test's own. A plugin's test extends this class.
 *
 * <p>An access that is never answered would hang whoever makes it, so each test has two deadlines:
 * one in this process, after which the backend is closed, and one in another process, which kills
 * this one; the kernel then lets everything pass.
 *
 * <p>Where the backend is not available, the tests are skipped with its reason, or fail if the
 * environment variable {@code CI} is {@code true}.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class GuardBackendContract {
  /** Far longer than any promise needs; only a broken one waits for it. */
  protected static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final int KILLED_AFTER_SECONDS = 45;
  private static final String PROBE_TEST = "probingTellsWhetherItWorksAndNeverThrows";

  private final List<Target> targets = new ArrayList<>();
  private Process watchdog;
  private Path root;
  private TestBackendContext context;
  private GuardBackend backend;
  private OtherProcess other;
  private Target target;

  /** The provider under test. */
  protected abstract GuardBackendProvider provider();

  /**
   * A target whose root is this directory. Each call gives a target with an id of its own.
   *
   * @param owner the process that is the container's own, if there is one
   */
  protected abstract Target target(Path root, OptionalLong owner);

  /** Closes what {@link #target} opened; called after the backend was closed. */
  protected void release(Target target) {}

  @BeforeEach
  protected final void openTheBackend(@TempDir Path directory, TestInfo test)
      throws BackendException, IOException {
    if (test.getTestMethod().filter(m -> m.getName().equals(PROBE_TEST)).isPresent()) {
      return;
    }
    Availability here = provider().probe();
    if (!here.available() && !"true".equals(System.getenv("CI"))) {
      Assumptions.abort("not available here: " + here.reason());
    }
    assertThat(here.available()).as(here.reason()).isTrue();
    // cat ends with 0 when this process closes its input, and is ended by timeout otherwise.
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    root = directory.toRealPath();
    other = OtherProcess.start();
    context = TestBackendContext.builder().build();
    backend = provider().open(context);
    target = anotherTarget(root);
  }

  @AfterEach
  protected final void closeTheBackend() throws IOException {
    if (backend == null) {
      return;
    }
    try {
      backend.close();
      context.assertThreadsEnded(DEADLINE);
    } finally {
      targets.forEach(this::release);
      other.close();
      watchdog.getOutputStream().close();
    }
  }

  protected final Target anotherTarget(Path at) {
    Target another = target(at, OptionalLong.of(other.pid()));
    targets.add(another);
    return another;
  }

  protected final GuardBackend backend() {
    return backend;
  }

  protected final TestBackendContext context() {
    return context;
  }

  /** A process that is not this one, and is the target's owner. */
  protected final OtherProcess other() {
    return other;
  }

  protected final Target target() {
    return target;
  }

  /** Where a path of the target lies for this process. */
  protected final Path at(String path) {
    return root.resolve(path.substring(1));
  }

  /** Makes a file with a line in it, and its directories. */
  protected final Path file(String path) throws IOException {
    Files.createDirectories(at(path).getParent());
    return Files.writeString(at(path), "a line\n");
  }

  protected final ApplyReport apply(Guard... guards) throws BackendException {
    return backend.apply(new GuardPlan(target, Arrays.asList(guards)));
  }

  /** What a subject was told, as {@code DENY OPEN_PERM /a (deny /a)}, once there is some of it. */
  protected final List<String> told(Subject subject, int atLeast) {
    return context
        .events()
        .awaitEvents(
            atLeast + " events of " + subject,
            all -> all.stream().filter(e -> e.subject().equals(subject)).count() >= atLeast,
            DEADLINE)
        .stream()
        .filter(e -> e.subject().equals(subject))
        .map(AccessDecided.class::cast)
        .map(e -> e.response() + " " + e.eventName() + " " + e.path() + " (" + e.rule() + ")")
        .toList();
  }

  @Test
  protected void probingTellsWhetherItWorksAndNeverThrows() {
    Availability first = provider().probe();
    assertThat(provider().probe()).isEqualTo(first);
    assertThat(first.available() || !first.reason().isBlank()).as("says why").isTrue();
  }

  @Test
  protected void aDeniedFileCannotBeOpenedAndThatIsToldWithTheRule() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");

    ApplyReport report = apply(guard(web).deny("/etc/secret").build());

    assertThat(report.paths()).extracting(PathState::state).containsExactly(State.ACTIVE);
    assertThat(report.kernelObjects()).isPositive();
    assertThat(other.opens(secret)).isFalse();
    assertThat(told(web, 1)).containsExactly("DENY OPEN_PERM /etc/secret (deny /etc/secret)");
  }

  @Test
  protected void anAllowedFileOpensAndThatIsTold() throws Exception {
    Subject web = subject("web");
    Path page = file("/www/page");
    apply(guard(web).allow("/www/page").build());

    assertThat(other.opens(page)).isTrue();
    assertThat(told(web, 1)).containsExactly("ALLOW OPEN_PERM /www/page (allow /www/page)");
  }

  @Test
  protected void whatIsOnNeitherListIsNotAskedAbout() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    Path beside = file("/etc/beside");
    apply(guard(web).deny("/etc/secret").build());

    assertThat(other.opens(beside)).isTrue();
    assertThat(other.opens(secret)).isFalse();
    assertThat(told(web, 1)).hasSize(1);
  }

  @Test
  protected void denyWinsOverAllowForTheSameObjectWithinAndAcrossGuards() throws Exception {
    Subject web = subject("web");
    Subject strict = subject("strict");
    Path one = file("/data/one");
    Path two = file("/data/two");
    apply(
        guard(web).allow("/data/one", "/data/two").deny("/data/one").build(),
        guard(strict).deny("/data/two").build());

    assertThat(other.opens(one)).isFalse();
    assertThat(other.opens(two)).isFalse();
    assertThat(told(web, 2))
        .containsExactly(
            "DENY OPEN_PERM /data/one (deny /data/one)",
            "DENY OPEN_PERM /data/two (deny /data/two)");
    assertThat(told(strict, 1)).containsExactly("DENY OPEN_PERM /data/two (deny /data/two)");
  }

  @Test
  protected void aDirectoryCoversItselfAndItsDirectChildrenAndNoMore() throws Exception {
    Subject web = subject("web");
    Path child = file("/data/child");
    Path grandchild = file("/data/sub/grandchild");
    apply(guard(web).deny("/data").build());

    assertThat(other.opens(at("/data"))).isFalse();
    assertThat(other.opens(child)).isFalse();
    assertThat(other.opens(at("/data/sub"))).isFalse();
    assertThat(other.opens(grandchild)).isTrue();
    assertThat(told(web, 3))
        .containsExactly(
            "DENY OPEN_PERM /data (deny /data)",
            "DENY OPEN_PERM /data/child (deny /data)",
            "DENY OPEN_PERM /data/sub (deny /data)");
  }

  @Test
  protected void aDenyOfADirectoryHoldsForAnAllowedFileInIt() throws Exception {
    Path file = file("/data/file");
    apply(guard(subject("web")).allow("/data/file").deny("/data").build());
    assertThat(other.opens(file)).isFalse();
  }

  @Test
  protected void aDenyOfAFileHoldsInAnAllowedDirectory() throws Exception {
    Path file = file("/data/file");
    Path beside = file("/data/beside");
    apply(guard(subject("web")).allow("/data").deny("/data/file").build());
    assertThat(other.opens(file)).isFalse();
    assertThat(other.opens(beside)).isTrue();
  }

  @Test
  protected void readingIsDecidedApartFromOpening() throws Exception {
    Assumptions.assumeTrue(provider().kinds().contains(PermissionKind.ACCESS_PERM));
    Subject web = subject("web");
    Path file = file("/data/file");
    apply(guard(web).deny("/data/file").kinds(PermissionKind.ACCESS_PERM).build());

    assertThat(other.opens(file)).isTrue();
    assertThat(other.reads(file)).isFalse();
    assertThat(told(web, 1).get(0)).isEqualTo("DENY ACCESS_PERM /data/file (deny /data/file)");
  }

  @Test
  protected void anObservingGuardAllowsAndTellsWhatItWouldHaveDenied() throws Exception {
    Subject web = subject("web");
    Path file = file("/data/file");
    apply(guard(web).deny("/data").observe().reportDenied().build());

    assertThat(other.opens(file)).isTrue();
    assertThat(told(web, 1)).containsExactly("WOULD_DENY OPEN_PERM /data/file (deny /data)");
  }

  @Test
  protected void aGuardThatReportsDenialsTellsNothingElse() throws Exception {
    Subject web = subject("web");
    Path allowed = file("/data/allowed");
    Path denied = file("/data/denied");
    apply(guard(web).allow("/data").deny("/data/denied").reportDenied().build());

    assertThat(other.opens(allowed)).isTrue();
    assertThat(other.opens(denied)).isFalse();
    assertThat(told(web, 1)).containsExactly("DENY OPEN_PERM /data/denied (deny /data/denied)");
  }

  @Test
  protected void theAgentItselfIsNeverDenied() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    apply(guard(web).deny("/etc/secret").build());

    assertThat(Files.readString(secret)).isEqualTo("a line\n");
    assertThat(told(web, 1)).containsExactly("ALLOW OPEN_PERM /etc/secret (protected)");
  }

  @Test
  protected void aBadPathIsARowBesideItsGoodNeighbours() throws Exception {
    Path good = file("/data/good");
    ApplyReport report = apply(guard(subject("web")).deny("/data/good/no", "/data/good").build());

    assertThat(report.paths())
        .extracting(PathState::state)
        .containsExactly(State.FAILED, State.ACTIVE);
    assertThat(report.paths().get(0).reason()).contains("/data/good/no").contains("ENOTDIR");
    assertThat(other.opens(good)).isFalse();
  }

  @Test
  protected void aGuardOfDirectoriesLeavesFilesOutAndSaysSo() throws Exception {
    Path file = file("/data/file");
    ApplyReport report = apply(guard(subject("web")).deny("/data/file").onlyDir().build());

    assertThat(report.paths()).extracting(PathState::state).containsExactly(State.FAILED);
    assertThat(report.paths().get(0).reason()).contains("not a directory");
    assertThat(other.opens(file)).isTrue();
  }

  @Test
  protected void aLinkNeverLeadsAGuardOutOfTheTarget() throws Exception {
    Path inside = file("/target/etc/secret");
    Path outside = file("/etc/secret");
    Files.createSymbolicLink(at("/target/link"), Path.of("/etc/secret"));
    Target below = anotherTarget(at("/target"));

    backend.apply(new GuardPlan(below, List.of(guard(subject("web")).deny("/link").build())));

    assertThat(other.opens(inside)).isFalse();
    assertThat(other.opens(outside)).isTrue();
    assertThat(told(subject("web"), 1)).containsExactly("DENY OPEN_PERM /etc/secret (deny /link)");
  }

  @Test
  protected void anEmptyPlanLetsGo() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());
    assertThat(other.opens(secret)).isFalse();

    ApplyReport report = apply();

    assertThat(report).isEqualTo(new ApplyReport(List.of(), 0));
    assertThat(other.opens(secret)).isTrue();
  }

  @Test
  protected void theSamePlanTwiceChangesNothingAndMakesNoGap() throws Exception {
    Path secret = file("/etc/secret");
    Guard guard = guard(subject("web")).deny("/etc/secret").reportDenied().build();
    ApplyReport first = apply(guard);

    other.beginToOpen(secret, 2000);
    List<ApplyReport> again = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      again.add(apply(guard));
    }

    assertThat(other.opened()).isZero();
    assertThat(again).allSatisfy(report -> assertThat(report).isEqualTo(first));
  }

  @Test
  protected void whatStaysInAChangingPlanHasNoGap() throws Exception {
    Path kept = file("/data/kept");
    file("/data/other");
    Guard one = guard(subject("web")).deny("/data/kept").reportDenied().build();
    Guard two = guard(subject("more")).deny("/data/other", "/data/kept").reportDenied().build();
    apply(one);

    other.beginToOpen(kept, 2000);
    for (int i = 0; i < 50; i++) {
      apply(i % 2 == 0 ? new Guard[] {two} : new Guard[] {one});
    }

    assertThat(other.opened()).isZero();
  }

  @Test
  protected void aNewPlanTakesThePlaceOfTheOld() throws Exception {
    Path one = file("/data/one");
    Path two = file("/data/two");
    apply(guard(subject("web")).deny("/data/one").build());
    apply(guard(subject("web")).deny("/data/two").build());

    assertThat(other.opens(one)).isTrue();
    assertThat(other.opens(two)).isFalse();
  }

  @Test
  protected void oneTargetsPlanDoesNotTouchAnothers() throws Exception {
    Path one = file("/one/file");
    Path two = file("/two/file");
    Target first = anotherTarget(at("/one"));
    Target second = anotherTarget(at("/two"));
    backend.apply(new GuardPlan(first, List.of(guard(subject("web")).deny("/file").build())));
    backend.apply(new GuardPlan(second, List.of(guard(subject("web")).deny("/file").build())));

    backend.apply(new GuardPlan(second, List.of()));

    assertThat(other.opens(one)).isFalse();
    assertThat(other.opens(two)).isTrue();
  }

  @Test
  protected void whatIsInPlaceIsWhatWasAskedFor() throws Exception {
    file("/data/one");
    file("/data/two");
    ApplyReport report =
        apply(guard(subject("web")).deny("/data/one", "/data/two", "/data").build());

    assertThat(backend.inspect().matches()).isTrue();
    assertThat(backend.inspect().found()).isEqualTo(report.kernelObjects());
  }

  @Test
  protected void closingLetsEverythingPassAndLeavesNoThread() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").reportDenied().build());
    other.beginToOpen(secret, 2000);
    context.events().awaitEvent(e -> e instanceof AccessDecided, DEADLINE);

    backend.close();
    backend.close();

    // Each open was answered, by the plan or by its end.
    assertThat(other.opened()).isBetween(0, 2000);
    assertThat(other.opens(secret)).isTrue();
    context.assertThreadsEnded(DEADLINE);
  }

  @Test
  protected void theOwnerOfATargetMayBeAllowedWhatOthersAreDenied() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    apply(guard(web).deny("/etc/secret").autoAllowOwner().build());

    assertThat(other.opens(secret)).isTrue();
    assertThat(other.succeeds("cat '" + secret + "' >&2")).as("the owner's child").isTrue();
    try (OtherProcess stranger = OtherProcess.start()) {
      assertThat(stranger.opens(secret)).isFalse();
    }
    assertThat(told(web, 3))
        .containsExactly(
            "ALLOW OPEN_PERM /etc/secret (owner)",
            "ALLOW OPEN_PERM /etc/secret (owner)",
            "DENY OPEN_PERM /etc/secret (deny /etc/secret)");
  }

  @Test
  protected void anEventSaysWhoAskedAndWhere() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());
    other.opens(secret);

    AccessDecided event =
        (AccessDecided)
            context.events().awaitEvent(e -> e.subject().equals(subject("web")), DEADLINE);

    assertThat(event.response()).isEqualTo(Response.DENY);
    assertThat(event.origin()).isEqualTo(target.origin());
    assertThat(event.process().orElseThrow().pid()).hasValue((int) other.pid());
  }
}

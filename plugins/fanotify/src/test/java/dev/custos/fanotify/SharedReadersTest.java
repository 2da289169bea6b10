package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.custos.linux.NativeException;
import dev.custos.spi.BackendException;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.testkit.OtherProcess;
import dev.custos.testkit.TestBackendContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two readers of one target. There is no supervisor but the test, which gives it the time that it
 * wants it to be.
 */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedReadersTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int KILLED_AFTER_SECONDS = 120;

  private final Targets targets = new Targets();
  private final TestBackendContext context = TestBackendContext.builder().build();
  private final Subject web = subject("web");
  private final List<OtherProcess> others = new ArrayList<>();
  private final DescriptorReserve reserve = new DescriptorReserve();
  private Path root;
  private Process watchdog;
  private DecisionPublisher publisher;
  private Follower follower;
  private TargetGuard target;
  private Target place;
  private long now = System.nanoTime();

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    boolean ci = "true".equals(System.getenv("CI"));
    Assumptions.assumeTrue(
        ci || new FanotifyProvider().probe().available(), "nothing can be guarded here");
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    root = directory.toRealPath();
    publisher = new DecisionPublisher(context);
    follower = new Follower(context.threads());
  }

  /** Guards what is below a directory. */
  private void apply(Path where, Guard guard) throws NativeException, BackendException {
    place = targets.at(where, OptionalLong.empty());
    target =
        new TargetGuard(
            place,
            context,
            publisher,
            "",
            reserve,
            GuardSettings.of(ConfigFactory.empty()),
            new MarkRoom(Long.MAX_VALUE).share(),
            new OwnListings(),
            follower);
    target.apply(new GuardPlan(place, List.of(guard)));
  }

  /** Has two readers, where the kernel tells enough for that. */
  private void share() {
    target.readers().startSecond();
    Assumptions.assumeTrue(
        target.readers().isShared() || !target.readers().group().tellsErrors(),
        "this kernel has no FAN_REPORT_FD_ERROR");
    assertThat(target.readers().isShared()).isTrue();
  }

  private void superviseUntilStalled(boolean stalled) {
    await()
        .atMost(DEADLINE)
        .until(
            () -> {
              now += GroupReaders.STALL_NANOS;
              target.readers().supervise(now);
              return target.isStalled() == stalled;
            });
  }

  @AfterEach
  void close() throws IOException {
    try {
      if (target != null) {
        target.close();
      }
      if (publisher != null) {
        follower.close();
        publisher.close();
        context.assertThreadsEnded(DEADLINE);
      }
    } finally {
      reserve.close();
      targets.close();
      others.forEach(OtherProcess::close);
      if (watchdog != null) {
        watchdog.getOutputStream().close();
      }
    }
  }

  @Test
  void everyQuestionIsAnsweredByThePlanAndTold() throws Exception {
    Path allowed = file("allowed");
    Path denied = file("denied");
    apply(root, guard(web).allow("/allowed").deny("/denied").build());
    share();

    int times = 200;
    List<OtherProcess> allowedOnes = beginToOpen(4, allowed, times);
    List<OtherProcess> deniedOnes = beginToOpen(4, denied, times);

    assertThat(opened(allowedOnes)).containsOnly(times);
    assertThat(opened(deniedOnes)).containsOnly(0);
    await().atMost(DEADLINE).until(() -> told().size() == 8 * times);
    assertThat(told())
        .allMatch(
            e ->
                e.path().toString().equals("/denied")
                    == (e.response() == AccessDecided.Response.DENY));
  }

  @Test
  void whoOpensAFileThatHangsIsWaitedForByOneReaderAlone() throws Exception {
    try (HangingOverlay overlay = HangingOverlay.at(root, "allowed", "denied")) {
      Path at = overlay.root();
      apply(at, guard(web).allow("/file", "/allowed").deny("/denied").reportDenied().build());
      share();
      overlay.server().hang();
      OtherProcess waiting = another();
      waiting.beginToOpen(at.resolve("file"), 1);
      await().atMost(DEADLINE).until(() -> overlay.server().waiting() == 1);

      // Nobody has noticed yet, and the plan holds.
      List<OtherProcess> allowed = beginToOpen(2, at.resolve("allowed"), 20);
      List<OtherProcess> denied = beginToOpen(2, at.resolve("denied"), 20);
      assertThat(opened(allowed)).containsOnly(20);
      assertThat(opened(denied)).containsOnly(0);

      superviseUntilStalled(true);
      assertThat(another().opens(at.resolve("denied"))).isTrue();

      overlay.server().answer();
      assertThat(waiting.opened()).isEqualTo(1);
      superviseUntilStalled(false);
      assertThat(target.readers().isShared()).isFalse();
      await().atMost(DEADLINE).until(() -> !another().opens(at.resolve("denied")));
      target.close();
      target = null;
    }
  }

  @Test
  void readersThatAreBothStuckHaveAStandInAndWhatIsQueuedIsAnswered() throws Exception {
    try (HangingOverlay overlay = HangingOverlay.at(root, "allowed", "denied")) {
      Path at = overlay.root();
      apply(at, guard(web).allow("/file", "/allowed").reportDenied().build());
      share();
      overlay.server().hang();
      List<OtherProcess> waiting = beginToOpen(2, at.resolve("file"), 1);
      await().atMost(DEADLINE).until(() -> overlay.server().waiting() == 2);
      OtherProcess queued = another();
      queued.beginToOpen(at.resolve("allowed"), 1);
      await().atMost(DEADLINE).until(() -> target.readers().group().hasQueued());

      superviseUntilStalled(true);

      assertThat(queued.opened()).isEqualTo(1);
      overlay.server().answer();
      assertThat(opened(waiting)).containsOnly(1);
      superviseUntilStalled(false);
      target.close();
      target = null;
    }
  }

  @Test
  void aReaderThatFailsAnswersAndTheGuardEndsAndSaysSo() throws Exception {
    Path denied = file("denied");
    apply(root, guard(web).deny("/denied").build());
    share();
    // Nothing can be decided by this, and nobody brings other rules.
    follower.close();
    target.readers().decideBy(null);

    List<OtherProcess> askers = beginToOpen(4, denied, 5);

    assertThat(opened(askers)).containsOnly(5);
    await().atMost(DEADLINE).until(() -> !target.isAlive());
    EventsLost lost =
        (EventsLost)
            context
                .events()
                .awaitEvent(
                    e -> e instanceof EventsLost l && l.reason() == LossReason.UNGUARDED, DEADLINE);
    assertThat(lost.detail()).startsWith("guarding ended");
  }

  @Test
  void anAccessThatTheKernelDeniesByItselfIsCounted() throws Exception {
    Path leased = file("leased");
    // F_SETLEASE is 1024, F_WRLCK 1. The lease is given up when the file is closed.
    String holder =
        "$SIG{IO} = 'IGNORE'; open(F, '+<', $ARGV[0]) or die; fcntl(F, 1024, 1) or die;"
            + " $| = 1; print \"held\\n\"; <STDIN>;";
    Process process = new ProcessBuilder("perl", "-e", holder, leased.toString()).start();
    try (var out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("held");
      // Not before: whoever has the file open, as the reader for its event, keeps others from a
      // lease on it.
      apply(root, guard(web).allow("/leased").build());
      share();
      assertThat(another().opens(leased)).isFalse();
      EventsLost lost =
          (EventsLost)
              context
                  .events()
                  .awaitEvent(
                      e -> e instanceof EventsLost l && l.reason() == LossReason.LIMIT_REACHED,
                      DEADLINE);
      assertThat(lost.count()).hasValue(1);
      assertThat(lost.detail()).contains("EAGAIN", "lease");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void closingAnswersWhoeverAsks() throws Exception {
    Path allowed = file("allowed");
    apply(root, guard(web).allow("/allowed").reportDenied().build());
    share();
    List<OtherProcess> askers = beginToOpen(6, allowed, 300);

    target.close();

    assertThat(opened(askers)).containsOnly(300);
    assertThat(target.isAlive()).isFalse();
  }

  @Test
  void aSecondReaderEndsWhenThereIsLittleToDo() throws Exception {
    Path denied = file("denied");
    apply(root, guard(web).deny("/denied").build());
    share();
    assertThat(target.readers().prove()).isTrue();

    await()
        .atMost(DEADLINE)
        .until(
            () -> {
              now += TimeUnit.MILLISECONDS.toNanos(1);
              target.readers().supervise(now);
              return !target.readers().isShared();
            });

    assertThat(another().opens(denied)).isFalse();
    assertThat(target.readers().prove()).isTrue();
    share();
    assertThat(another().opens(denied)).isFalse();
  }

  private List<AccessDecided> told() {
    return context.events().events().stream()
        .filter(AccessDecided.class::isInstance)
        .map(AccessDecided.class::cast)
        .toList();
  }

  private Path file(String name) throws IOException {
    return Files.writeString(root.resolve(name), "a line\n");
  }

  private List<OtherProcess> beginToOpen(int processes, Path path, int times) {
    List<OtherProcess> some = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      OtherProcess one = another();
      one.beginToOpen(path, times);
      some.add(one);
    }
    return some;
  }

  private static List<Integer> opened(List<OtherProcess> processes) {
    return processes.stream().map(OtherProcess::opened).toList();
  }

  private OtherProcess another() {
    OtherProcess process = OtherProcess.start();
    others.add(process);
    return process;
  }
}

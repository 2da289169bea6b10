package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guarded file on a file system that stops answering: an overlay, as containers have, over one
 * that the test serves. The kernel opens the file for the guard in the reader's read(2), and that
 * does not return.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StuckFileSystemTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int KILLED_AFTER_SECONDS = 90;

  private final Targets targets = new Targets();
  private final Subject web = subject("web");
  private final List<OtherProcess> others = new ArrayList<>();
  private final TestBackendContext context = TestBackendContext.builder().build();
  private Process watchdog;
  private HangingOverlay mounted;
  private HangingFileSystem hanging;
  private Path overlay;
  private Path elsewhere;
  private GuardBackend backend;
  private Target target;
  private Target healthy;

  @BeforeEach
  void guardAnOverlay(@TempDir Path directory) throws Exception {
    boolean ci = "true".equals(System.getenv("CI"));
    boolean here = new FanotifyProvider().probe().available();
    Assumptions.assumeTrue(here || ci, "nothing can be guarded here");
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    Path root = directory.toRealPath();
    elsewhere = Files.createDirectories(root.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("denied"), "a line\n");
    mounted = HangingOverlay.at(root, "denied", "allowed");
    overlay = mounted.root();
    hanging = mounted.server();
    backend = new FanotifyProvider().open(context);
    target = targets.at(overlay, OptionalLong.empty());
    healthy = targets.at(elsewhere, OptionalLong.empty());
    backend.apply(new GuardPlan(healthy, List.of(denied())));
  }

  @AfterEach
  void letGo() throws IOException {
    try {
      if (hanging != null) {
        hanging.answer();
      }
      if (backend != null) {
        backend.close();
        context.assertThreadsEnded(DEADLINE);
      }
    } finally {
      targets.close();
      if (mounted != null) {
        mounted.close();
      }
      others.forEach(OtherProcess::close);
      if (watchdog != null) {
        watchdog.getOutputStream().close();
      }
    }
  }

  @Test
  void aStuckReaderLosesItsMarksAndGetsThemBack() throws Exception {
    Guard all = guard(web).allow("/file", "/allowed").deny("/denied").reportDenied().build();
    assertThat(backend.apply(new GuardPlan(target, List.of(all))).paths())
        .extracting(PathState::state)
        .containsOnly(State.ACTIVE);
    OtherProcess waiting = another();
    assertThat(waiting.opens(overlay.resolve("file"))).isTrue();
    assertThat(another().opens(overlay.resolve("denied"))).isFalse();

    hanging.hang();
    waiting.beginToOpen(overlay.resolve("file"), 1);
    await().atMost(DEADLINE).until(() -> hanging.waiting() == 1);
    // Asked while the reader is stuck, or after: in each case there is an answer.
    OtherProcess queued = another();
    queued.beginToOpen(overlay.resolve("denied"), 1);
    assertThat(another().opens(elsewhere.resolve("denied"))).as("another target").isFalse();
    assertThat(queued.opened()).isBetween(0, 1);
    awaitStates(State.FAILED);
    assertThat(another().opens(overlay.resolve("denied"))).isTrue();
    assertThat(backend.apply(new GuardPlan(target, List.of(all))).paths())
        .extracting(PathState::state)
        .containsOnly(State.FAILED);

    hanging.answer();
    assertThat(waiting.opened()).isEqualTo(1);
    awaitStates(State.ACTIVE);
    assertThat(another().opens(overlay.resolve("denied"))).isFalse();
    EventsLost gap =
        (EventsLost)
            context.events().awaitEvent(e -> isGap(e) && e.subject().equals(web), DEADLINE);
    assertThat(gap.from()).isBefore(gap.to());
    assertThat(backend.inspect().matches()).isTrue();
  }

  @Test
  void manyThatWaitForTheSameFileSystemDoNotKeepOthersWaiting() throws Exception {
    Guard all = guard(web).allow("/file", "/allowed").reportDenied().build();
    backend.apply(new GuardPlan(target, List.of(all)));
    hanging.hang();
    List<OtherProcess> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      OtherProcess one = another();
      one.beginToOpen(overlay.resolve("file"), 1);
      waiting.add(one);
    }
    OtherProcess queued = another();
    queued.beginToOpen(overlay.resolve("allowed"), 20);
    assertThat(queued.opened()).isEqualTo(20);

    hanging.answer();
    for (OtherProcess one : waiting) {
      assertThat(one.opened()).isEqualTo(1);
    }
  }

  @Test
  void anotherPlanThatLeavesOutWhatIsStuckIsGuardedAtOnce() throws Exception {
    backend.apply(new GuardPlan(target, List.of(guard(web).allow("/file").build())));
    hanging.hang();
    OtherProcess waiting = another();
    waiting.beginToOpen(overlay.resolve("file"), 1);
    context.events().awaitEvent(StuckFileSystemTest::isGap, DEADLINE);

    backend.apply(new GuardPlan(target, List.of(denied())));

    assertThat(another().opens(overlay.resolve("denied"))).isFalse();
    hanging.answer();
    assertThat(waiting.opened()).isEqualTo(1);
    assertThat(another().opens(overlay.resolve("denied"))).isFalse();
  }

  @Test
  void closingDoesNotWaitForAStuckReader() throws Exception {
    backend.apply(new GuardPlan(target, List.of(guard(web).allow("/file").build())));
    hanging.hang();
    OtherProcess waiting = another();
    waiting.beginToOpen(overlay.resolve("file"), 1);
    await().atMost(DEADLINE).until(() -> hanging.waiting() == 1);

    backend.close();

    assertThat(another().opens(overlay.resolve("denied"))).isTrue();
    hanging.answer();
    assertThat(waiting.opened()).isEqualTo(1);
  }

  @Test
  void aStuckTargetIsNoReasonToEndTheAgent() throws Exception {
    backend.apply(new GuardPlan(target, List.of(guard(web).allow("/file").build())));
    hanging.hang();
    another().beginToOpen(overlay.resolve("file"), 1);
    context.events().awaitEvent(StuckFileSystemTest::isGap, DEADLINE);
    assertThat(backend.prove()).isTrue();
    assertThat(backend.prove()).isTrue();
  }

  private static boolean isGap(Object event) {
    return event instanceof EventsLost lost && lost.reason() == LossReason.UNGUARDED;
  }

  private Guard denied() {
    return guard(web).deny("/denied").reportDenied().build();
  }

  /** Waits until all three paths have got there; forgets what came before. */
  private void awaitStates(State state) {
    for (String path : List.of("/file", "/allowed", "/denied")) {
      context
          .coverage()
          .awaitChange(
              change ->
                  change.state().state() == state
                      && change.state().path().equals(FilePath.of(path)),
              DEADLINE);
    }
    context.coverage().clear();
  }

  private OtherProcess another() {
    OtherProcess process = OtherProcess.start();
    others.add(process);
    return process;
  }
}

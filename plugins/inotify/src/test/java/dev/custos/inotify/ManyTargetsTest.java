package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A node full of containers, in most of which nothing happens. */
class ManyTargetsTest extends KernelTest {
  private static final int TARGETS = 24;

  /** Those that keep a thread, the one that waits for all others, and one that has just ended. */
  private static final int THREADS = 12;

  private final List<Target> targets = new ArrayList<>();

  private static Subject numbered(int i) {
    return subject("s" + i);
  }

  private static Watch created(int i, String path) {
    return watch(numbered(i), path).kinds(ChangeKind.CREATE).recursive().build();
  }

  private void watchAll() {
    bench().sh("for i in $(seq 0 " + (TARGETS - 1) + "); do mkdir -p t$i/w/sub; done");
    for (int i = 0; i < TARGETS; i++) {
      targets.add(bench().anotherTarget("/t" + i));
      ApplyReport report = bench().applyExactly(targets.get(i), List.of(created(i, "/w")));
      assertThat(report.paths()).extracting(PathState::state).containsOnly(State.ACTIVE);
    }
  }

  /** Of this process, by the name that the context of the tests gives to a backend's. */
  private static long threads() {
    return Thread.getAllStackTraces().values().stream()
        .filter(
            stack ->
                Stream.of(stack)
                    .anyMatch(
                        frame ->
                            frame.getClassName().equals(Instance.class.getName())
                                || frame.getClassName().equals(Crew.class.getName())))
        .count();
  }

  private void awaitQuiet() {
    await("those in which nothing happens share a thread")
        .atMost(WatchBench.DEADLINE)
        .until(() -> threads() <= THREADS);
  }

  @Test
  void targetsInWhichNothingHappensShareAThreadAndAreHeardOfAtOnce() {
    watchAll();
    awaitQuiet();

    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < TARGETS; i++) {
        bench().touch("/t" + i + "/w/sub/f" + round);
      }
      for (int i = 0; i < TARGETS; i++) {
        bench().await(numbered(i), "CREATE file /w/sub: f" + round);
      }
      awaitQuiet();
    }
    for (int i = 0; i < TARGETS; i++) {
      assertThat(bench().told(numbered(i))).hasSize(3);
    }
    inspectionMatches();
  }

  @Test
  void aQuietTargetTakesANewPlanAndIsLetGoOf() {
    watchAll();
    bench().sh("for i in $(seq 0 " + (TARGETS - 1) + "); do mkdir -p t$i/new; done");
    awaitQuiet();

    for (int i = 0; i < TARGETS; i++) {
      ApplyReport report = bench().applyExactly(targets.get(i), List.of(created(i, "/new")));
      assertThat(report.paths()).extracting(PathState::state).containsOnly(State.ACTIVE);
    }
    awaitQuiet();
    for (int i = 0; i < TARGETS; i += 2) {
      assertThat(bench().applyExactly(targets.get(i), List.of()).kernelObjects()).isZero();
    }
    for (int i = 0; i < TARGETS; i++) {
      bench().touch("/t" + i + "/new/f");
    }
    for (int i = 1; i < TARGETS; i += 2) {
      bench().await(numbered(i), "CREATE file /new: f");
      assertThat(bench().told(numbered(i - 1))).isEmpty();
    }
  }

  @Test
  void aMountInAQuietTargetIsNoticed() throws IOException {
    watchAll();
    List<Target> hosts = new ArrayList<>();
    for (int i = 0; i < TARGETS; i++) {
      hosts.add(target(Path.of("/")));
      String path = bench().file("/t" + i + "/w").toString();
      bench().applyExactly(hosts.get(i), List.of(created(i + TARGETS, path)));
    }
    awaitQuiet();

    String mounted = "/t" + (TARGETS - 1) + "/w";
    Subject subject = numbered(2 * TARGETS - 1);
    mountTmpfs(mounted);
    awaitLoss(subject, LossReason.UNMOUNTED);
    awaitState(bench().file(mounted).toString(), State.ACTIVE);
    Path probe = bench().file(mounted).resolve("probe");
    await("the file system that was mounted is watched")
        .atMost(WatchBench.DEADLINE)
        .until(
            () -> {
              Files.deleteIfExists(probe);
              Files.createFile(probe);
              return bench()
                  .told(subject)
                  .contains("CREATE file " + bench().file(mounted) + ": probe");
            });
  }

  @Test
  void closingEndsThemAll() {
    watchAll();
    awaitQuiet();

    bench().backend().close();

    await("no thread is left").atMost(WatchBench.DEADLINE).until(() -> threads() == 0);
  }
}

package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.custos.linux.NativeException;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendException;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import dev.custos.testkit.TestBackendContext;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What happens when there is no room for another watch, and when there is again. */
class LimitTest extends KernelTest {
  private final Subject web = subject("web");
  private final Subject other = subject("other");

  private static Watch tree(Subject subject, String path) {
    return watch(subject, path).kinds(ChangeKind.CREATE).recursive().build();
  }

  private static PathState rowOf(Subject subject, ApplyReport report) {
    return report.paths().stream().filter(row -> row.subject().equals(subject)).findFirst().get();
  }

  @Test
  void beyondATargetsShareThePathFailsWithTheLimitsNameAndWhatDidFitStaysWatched() {
    bench("max-per-target = 20")
        .sh("mkdir -p data; cd data; for i in $(seq 30); do mkdir d$i; done");
    ApplyReport report = bench().apply(tree(web, "/data"));
    PathState row = rowOf(web, report);

    assertThat(row.state()).isEqualTo(State.FAILED);
    assertThat(row.reason()).contains("max-per-target is 20").contains("raise it");
    assertThat(report.kernelObjects()).isBetween(15, 20);
    EventsLost lost = awaitLoss(web, LossReason.LIMIT_REACHED);
    assertThat(lost.detail()).contains("max-per-target is 20");
    bench().touch("/data/f");
    bench().await(web, "CREATE file /data: f");
    inspectionMatches();
  }

  @Test
  void alsoADirectoryMadeLaterMeetsTheLimit() {
    bench("max-per-target = 20").sh("mkdir -p data");
    assertThat(rowOf(web, bench().apply(tree(web, "/data"))).state()).isEqualTo(State.ACTIVE);

    bench().sh("cd data; for i in $(seq 30); do mkdir d$i; done");
    awaitState("/data", State.FAILED, "max-per-target is 20");
    bench().settle();

    assertThat(losses(web)).as("once, not for each directory").hasSize(1);
    assertThat(bench().told(web)).contains("CREATE directory /data: d30");
    inspectionMatches();
  }

  @Test
  void aSecondSubjectThatFindsNoRoomFailsAndTheFirstGoesOn() {
    bench("max-per-target = 20")
        .sh("mkdir -p data later; cd data; for i in $(seq 12); do mkdir $i; done");
    bench().apply(tree(web, "/data"));

    bench().sh("cd later; for i in $(seq 12); do mkdir $i; done");
    ApplyReport report = bench().apply(tree(web, "/data"), tree(other, "/later"));
    bench().sh(": > data/12/f");

    assertThat(rowOf(web, report).state()).isEqualTo(State.ACTIVE);
    assertThat(rowOf(other, report).state()).isEqualTo(State.FAILED);
    bench().await(web, "CREATE file /data/12: f");
  }

  @Test
  void theTotalHoldsOverAllTargets() {
    bench("max-total = 30").sh("mkdir -p a b; for i in $(seq 20); do mkdir a/$i b/$i; done");
    Target a = bench().anotherTarget("/a");
    Target b = bench().anotherTarget("/b");

    ApplyReport first = bench().applyExactly(a, List.of(tree(web, "/")));
    ApplyReport second = bench().applyExactly(b, List.of(tree(other, "/")));
    assertThat(rowOf(web, first).state()).isEqualTo(State.ACTIVE);
    assertThat(rowOf(other, second).state()).isEqualTo(State.FAILED);
    assertThat(rowOf(other, second).reason()).contains("max-total is 30");

    bench().applyExactly(a, List.of());
    ApplyReport third = bench().applyExactly(b, List.of());
    assertThat(third.kernelObjects()).isZero();
    ApplyReport fourth = bench().applyExactly(b, List.of(tree(other, "/")));
    assertThat(rowOf(other, fourth).state()).as("all is given back").isEqualTo(State.ACTIVE);
  }

  @Test
  void whatDidNotFitIsWatchedOnceThereIsRoomAgain() {
    bench("max-per-target = 20")
        .sh(
            "mkdir a b; for i in $(seq 12); do mkdir a/$i b/$i; : > a/$i/known; : > b/$i/known; done");
    ApplyReport report = bench().apply(tree(web, "/a"), tree(other, "/b"));
    boolean aFits = rowOf(web, report).state() == State.ACTIVE;
    Subject late = aFits ? other : web;
    String itsPath = aFits ? "b" : "a";
    assertThat(rowOf(late, report).state()).isEqualTo(State.FAILED);
    bench().context().coverage().clear();

    bench().sh("rm -r " + (aFits ? "a" : "b") + "/*");
    bench()
        .context()
        .coverage()
        .awaitChange(
            change ->
                change.state().subject().equals(late) && change.state().state() == State.ACTIVE,
            WatchBench.DEADLINE);
    bench().sh("for i in $(seq 12); do : > " + itsPath + "/$i/f; done");
    bench().settle();

    assertThat(bench().told(late).stream().filter(told -> !told.startsWith("LOST")))
        .as("and nothing that was there before")
        .hasSize(12)
        .allMatch(told -> told.endsWith(": f"));
    assertThat(losses(late)).hasSize(1);
    inspectionMatches();
  }

  @Test
  void tryingAgainInVainTellsNobodyAnything() {
    bench("max-per-target = 10").sh("mkdir -p data; for i in $(seq 20); do mkdir data/$i; done");
    bench().apply(tree(web, "/data"));
    bench().settle();
    bench().context().coverage().clear();
    bench().events().clear();

    // The clock of retries is the system's: nothing may come in the time that one takes.
    await()
        .during(HeldProvider.RETRY.multipliedBy(3))
        .atMost(WatchBench.DEADLINE)
        .untilAsserted(() -> assertThat(bench().context().coverage().changes()).isEmpty());

    assertThat(losses(web)).isEmpty();
  }

  @Test
  void aSubjectThatIsDeletedWhileItsLimitIsMetIsWatchedWhenItIsBack() {
    bench("max-per-target = 10").sh("mkdir -p data; for i in $(seq 20); do mkdir data/$i; done");
    bench().apply(tree(web, "/data"));

    bench().sh("rm -r data");
    awaitState("/data", State.PENDING);
    bench().sh("mkdir -p data/deep");
    awaitState("/data", State.ACTIVE);
    bench().touch("/data/deep/f");

    bench().await(web, "CREATE file /data/deep: f");
    inspectionMatches();
  }

  @Test
  void theKernelsOwnLimitFailsThePathWithItsNameAndValue() {
    bench("max-total = 1000000").sh("mkdir -p data; cd data; mkdir $(seq 300)");
    Subject later = subject("later");
    bench().apply();
    int inUse = inotifyWatches();
    set("max_user_watches", inUse + 50);
    ApplyReport report;
    try {
      report = bench().apply(tree(web, "/data"), watch(later, "/data/300").build());
    } finally {
      restore();
    }
    PathState row = rowOf(web, report);

    assertThat(row.state()).isEqualTo(State.FAILED);
    assertThat(row.reason()).contains("ENOSPC").contains("fs.inotify.max_user_watches");
    bench().touch("/data/f");
    bench().await(web, "CREATE file /data: f");
    bench()
        .context()
        .coverage()
        .awaitChange(
            change ->
                change.state().subject().equals(web) && change.state().state() == State.ACTIVE,
            WatchBench.DEADLINE);
    bench().touch("/data/299/f");
    bench().await(web, "CREATE file /data/299: f");
    inspectionMatches();
  }

  /** What all processes of this user hold, as far as this one may see. */
  private static int inotifyWatches() {
    int count = 0;
    for (Path process : list(Path.of("/proc"))) {
      if (!process.getFileName().toString().matches("\\d+")) {
        continue;
      }
      for (Path info : list(process.resolve("fdinfo"))) {
        try (Stream<String> lines = Files.lines(info, StandardCharsets.US_ASCII)) {
          count += (int) lines.filter(line -> line.startsWith("inotify wd:")).count();
        } catch (IOException | UncheckedIOException e) {
          // The process or its descriptor is gone.
        }
      }
    }
    return count;
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  @Test
  void withoutAnInstanceOfItsOwnATargetSharesOneAndLosesNothing() {
    List<InotifyDescriptor> hoarded = new ArrayList<>();
    bench().sh("mkdir -p one two");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    bench().apply();
    try {
      while (true) {
        hoarded.add(InotifyDescriptor.open());
        if (hoarded.size() > 100_000) {
          unavailable("this user's instances have no limit");
        }
      }
    } catch (NativeException e) {
      assertThat(Limits.instancesReason(e.errno()))
          .contains("EMFILE")
          .contains("max_user_instances");
      bench().applyExactly(one, List.of(tree(web, "/")));
      bench().applyExactly(two, List.of(tree(other, "/")));
    } finally {
      hoarded.forEach(InotifyDescriptor::close);
    }
    bench().sh(": > one/f; : > two/g");
    bench().await(web, "CREATE file /: f");
    bench().await(other, "CREATE file /: g");

    bench().applyExactly(one, List.of());
    bench().touch("/two/h");
    bench().await(other, "CREATE file /: h");
    bench().settle();
    assertThat(bench().told(web)).containsExactly("CREATE file /: f");
    assertThat(bench().told(other)).containsExactly("CREATE file /: g", "CREATE file /: h");
    inspectionMatches();
  }

  @Test
  void aStormInOneTargetLeavesTheOthersTheirEventsAndTheirRoom() {
    bench("max-per-target = 200").sh("mkdir storm calm");
    Target storm = bench().anotherTarget("/storm");
    Target calm = bench().anotherTarget("/calm");
    bench().applyExactly(storm, List.of(tree(web, "/")));
    bench().applyExactly(calm, List.of(tree(other, "/")));

    bench().sh("cd storm; seq 20000 | xargs mkdir");
    bench().sh("mkdir calm/new; : > calm/new/f");
    bench().await(other, "CREATE file /new: f");

    awaitState("/", State.FAILED, "max-per-target is 200");
    assertThat(losses(other)).isEmpty();
    Stream.iterate(0, i -> i + 1).limit(20).forEach(i -> bench().touch("/calm/new/g" + i));
    bench().await(other, "CREATE file /new: g19");
    assertThat(bench().told(other)).hasSize(22);
  }

  @Test
  void aLimitThatIsNoNumberAboveZeroIsAnErrorThatNamesIt() {
    for (String config : List.of("max-total = 0", "max-per-target = -5")) {
      assertThatThrownBy(() -> open(config))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining(config.substring(0, config.indexOf(' ')))
          .hasMessageContaining("1 or more");
    }
  }

  private static void open(String config) throws BackendException {
    new InotifyProvider()
        .open(TestBackendContext.builder().config(ConfigFactory.parseString(config)).build())
        .close();
  }

  @Test
  void aClosedBackendSaysSo() {
    bench().mkdir("/data");
    bench().backend().close();

    assertThatThrownBy(
            () ->
                bench()
                    .backend()
                    .apply(new WatchPlan(bench().target(), List.of(tree(web, "/data")))))
        .isInstanceOf(BackendException.class);
  }
}

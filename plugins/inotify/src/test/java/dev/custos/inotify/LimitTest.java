package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when there is no room for another watch, and when there is again. */
class LimitTest extends KernelTest {
  private static final boolean LONG = Boolean.getBoolean("custos.long");

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

  @ParameterizedTest
  @ValueSource(strings = {"watches", "instances", "half of the instances"})
  void theKernelsOwnLimitsAreNamedAndWhatFitsIsWatched(String limit, @TempDir Path directory)
      throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                "unshare",
                "--user",
                "--map-root-user",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LimitedKernel.class.getName(),
                limit,
                directory.toRealPath().toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("it ends").isTrue();
    String said = Files.readString(output);
    if (said.startsWith("unshare:")) {
      unavailable("user namespaces can't be had here: " + said);
    }
    assertThat(process.exitValue()).as(said).isZero();
  }

  @Test
  void ofTwoLimitsTheLowerOneIsNamed() {
    Limits.Limit host = new Limits.Limit("fs", 100);
    Limits.Limit namespace = new Limits.Limit("user", 100);

    assertThat(Limits.lower(host, namespace)).isEqualTo(host);
    assertThat(Limits.lower(host, new Limits.Limit("user", 99)).name()).isEqualTo("user");
    assertThat(Limits.lower(host, new Limits.Limit("user", -1))).isEqualTo(host);
    assertThat(Limits.lower(new Limits.Limit("fs", -1), namespace)).isEqualTo(namespace);
  }

  @Test
  void aStormInOneTargetLeavesTheOthersTheirEventsAndTheirRoom() {
    bench("max-per-target = 200").sh("mkdir storm calm");
    Target storm = bench().anotherTarget("/storm");
    Target calm = bench().anotherTarget("/calm");
    bench().applyExactly(storm, List.of(tree(web, "/")));
    bench().applyExactly(calm, List.of(tree(other, "/")));

    bench().sh("cd storm; seq " + (LONG ? 300_000 : 20_000) + " | xargs mkdir");
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

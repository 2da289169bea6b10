package dev.custos.testkit;

import static dev.custos.testkit.WatchBench.DEADLINE;
import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a watch backend promises about plans, reports, targets and its own end. */
public interface WatchPlanPromises extends WatchPromises {
  @Test
  default void anEmptyPlanWatchesNothing() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());

    ApplyReport report = bench().applyExactly(bench().target(), List.of());
    bench().touch("/data/unseen");
    bench().apply();
    bench().settle();

    assertThat(report.paths()).isEmpty();
    assertThat(report.kernelObjects()).isZero();
    assertThat(bench().told(web)).isEmpty();
  }

  @Test
  default void theSamePlanTwiceChangesNothingAndMakesNoGap() {
    Subject web = subject("web");
    bench().mkdir("/data");
    Watch data = watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build();
    ApplyReport first = bench().apply(data);
    List<ApplyReport> again = new ArrayList<>();

    int made =
        bench()
            .createFilesDuring(
                "/data", () -> IntStream.range(0, 20).forEach(i -> again.add(bench().apply(data))));
    bench().settle();

    assertThat(again).allSatisfy(report -> assertThat(report).isEqualTo(first));
    assertThat(bench().told(web)).containsExactlyElementsOf(creations("/data", made));
  }

  @Test
  default void anUnchangedWatchKeepsItsEventsWhileAnotherComesAndGoes() {
    Subject stays = subject("stays");
    bench().sh("mkdir data other");
    Watch data = watch(stays, "/data").kinds(ChangeKind.CREATE).build();
    // The first shares the directory, so that the kernel may have one object for both.
    Watch guest = watch(subject("guest"), "/data").build();
    Watch other = watch(subject("other"), "/other").build();
    bench().apply(data);

    int made =
        bench()
            .createFilesDuring(
                "/data",
                () -> {
                  for (int i = 0; i < 10; i++) {
                    bench().apply(data, guest);
                    bench().apply(other, data);
                    bench().apply(data);
                  }
                });
    bench().settle();

    assertThat(bench().told(stays)).containsExactlyElementsOf(creations("/data", made));
  }

  private static List<String> creations(String directory, int count) {
    return IntStream.range(0, count).mapToObj(i -> "CREATE file " + directory + ": f" + i).toList();
  }

  @Test
  default void aWatchThatLeftThePlanIsToldNothingMore() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());
    bench().touch("/data/seen");
    bench().settle();

    bench().apply();
    bench().touch("/data/unseen");
    bench().settle();

    assertThat(bench().told(web)).containsExactly("CREATE file /data: seen");
  }

  @Test
  default void aBadPathIsARowBesideItsGoodNeighbours() {
    Subject web = subject("web");
    bench().sh("mkdir first last");
    Watch first = watch(web, "/first").kinds(ChangeKind.CREATE).build();
    Watch absent = watch(web, "/absent/deep").kinds(ChangeKind.CREATE).build();
    Watch last = watch(web, "/last").kinds(ChangeKind.CREATE).build();

    ApplyReport report = bench().apply(first, absent, last);
    bench().sh(": > first/a; : > last/b");
    bench().settle();

    assertThat(report.paths())
        .extracting(PathState::path)
        .startsWith(first.path(), absent.path(), last.path());
    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    assertThat(report.paths().get(2).state()).isEqualTo(State.ACTIVE);
    assertThat(report.paths().get(1).state()).isIn(State.PENDING, State.FAILED);
    assertThat(report.paths().get(1).reason()).as("says why").isNotBlank();
    assertThat(bench().told(web)).containsExactly("CREATE file /first: a", "CREATE file /last: b");
  }

  @Test
  default void aPendingPathBecomesActiveWhenItAppears() {
    Subject web = subject("web");
    Watch later = watch(web, "/later").kinds(ChangeKind.CREATE).build();
    ApplyReport report = bench().apply(later);
    Assumptions.assumeTrue(
        report.paths().get(0).state() == State.PENDING,
        "an absent path is failed, not pending: the host applies the plan again");

    bench().mkdir("/later");
    bench()
        .context()
        .coverage()
        .awaitChange(
            change ->
                change.state().path().equals(later.path())
                    && change.state().state() == State.ACTIVE,
            DEADLINE);
    bench().touch("/later/a");

    bench().await(web, "CREATE file /later: a");
  }

  @Test
  default void onlyDirLeavesAFileUnwatched() {
    Subject web = subject("web");
    bench().sh(": > file; mkdir data");
    ApplyReport report =
        bench()
            .apply(
                watch(web, "/file").onlyDir().kinds(supported()).build(),
                watch(web, "/data").onlyDir().kinds(ChangeKind.CREATE).build());

    bench().sh("echo more >> file; : > data/a");
    bench().settle();

    assertThat(report.paths().get(0).state()).isNotEqualTo(State.ACTIVE);
    assertThat(report.paths().get(0).reason()).isNotBlank();
    assertThat(report.paths().get(1).state()).isEqualTo(State.ACTIVE);
    assertThat(bench().told(web)).containsExactly("CREATE file /data: a");
  }

  @Test
  default void aSymbolicLinkIsFollowedBelowTheTargetsRootAndNeverOutOfIt() throws IOException {
    Subject web = subject("web");
    Path outside = Files.createTempDirectory("outside-the-target");
    try {
      bench().mkdir("/data");
      Files.createSymbolicLink(bench().file("/inside"), Path.of("/data"));
      Files.createSymbolicLink(bench().file("/escape"), outside);
      ApplyReport report =
          bench()
              .apply(
                  watch(web, "/inside").kinds(ChangeKind.CREATE).build(),
                  watch(web, "/escape").kinds(ChangeKind.CREATE).build());

      bench().touch("/data/a");
      Files.createFile(outside.resolve("secret"));
      bench().settle();

      assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
      assertThat(report.paths().get(1).state()).isNotEqualTo(State.ACTIVE);
      assertThat(bench().told(web)).containsExactly("CREATE file /inside: a");
    } finally {
      Files.deleteIfExists(outside.resolve("secret"));
      Files.delete(outside);
    }
  }

  @Test
  default void targetsApplyIndependently() {
    bench().sh("mkdir -p one/data two/data");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    Subject web = subject("web");
    Watch data = watch(web, "/data").kinds(ChangeKind.CREATE).build();
    bench().apply();
    bench().applyExactly(one, List.of(data));
    bench().applyExactly(two, List.of(data));

    bench().applyExactly(one, List.of());
    bench().sh(": > one/data/unseen; : > two/data/seen");
    bench().await(web, "CREATE file /data: seen");
    bench().settle();

    assertThat(bench().events().eventsOf(web))
        .singleElement()
        .satisfies(event -> assertThat(event.origin()).isSameAs(two.origin()));
  }

  /** What the host does with a target of which the inspection found that it differs. */
  @Test
  default void aTargetThatIsGivenItsPlanAnewIsWatchedAgainAndOthersLoseNothing() {
    bench().sh("mkdir -p one/data two/data");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    Watch first = watch(subject("first"), "/data").kinds(ChangeKind.CREATE).build();
    Watch second = watch(subject("second"), "/data").kinds(ChangeKind.CREATE).build();
    bench().applyExactly(one, List.of(first));
    bench().applyExactly(two, List.of(second));

    bench().touch("/two/data/before");
    bench().applyExactly(one, List.of());
    bench().touch("/two/data/between");
    bench().applyExactly(one, List.of(first));
    bench().sh(": > one/data/again; : > two/data/after");

    bench().await(subject("first"), "CREATE file /data: again");
    bench().await(subject("second"), "CREATE file /data: after");
    assertThat(bench().told(subject("second")))
        .containsExactly(
            "CREATE file /data: before", "CREATE file /data: between", "CREATE file /data: after");
    assertThat(bench().backend().inspect().matches()).isTrue();
  }

  @Test
  default void targetsThatShareADirectoryAreEachTold() {
    bench().sh("mkdir shared; ln -s ../shared shared/self");
    Target one = bench().anotherTarget("/shared");
    Target two = bench().anotherTarget("/shared");
    Subject first = subject("first");
    Subject second = subject("second");
    bench().applyExactly(one, List.of(watch(first, "/").kinds(ChangeKind.CREATE).build()));
    bench().applyExactly(two, List.of(watch(second, "/").kinds(ChangeKind.CREATE).build()));

    bench().touch("/shared/a");

    bench().await(first, "CREATE file /: a");
    bench().await(second, "CREATE file /: a");
    bench().applyExactly(one, List.of());
    bench().touch("/shared/b");
    bench().await(second, "CREATE file /: b");
    assertThat(bench().told(first)).containsExactly("CREATE file /: a");
  }

  @Test
  default void theInspectionFindsWhatTheReportCounts() {
    bench().sh("mkdir -p data/a/b data/c");
    ApplyReport report =
        bench().apply(watch(subject("web"), "/data").recursive().kinds(supported()).build());

    Inspection inspection = bench().backend().inspect();

    assertThat(inspection.differences()).isEmpty();
    assertThat(inspection.matches()).isTrue();
    assertThat(report.kernelObjects()).isPositive();
    assertThat(inspection.expected()).isGreaterThanOrEqualTo(report.kernelObjects());
  }

  @Test
  default void noDescriptorInTheTargetsTreeStaysOpenAfterApply() throws IOException {
    bench().sh("mkdir -p data/a/b; : > data/file");
    List<String> before = openBelow(bench().root());

    bench()
        .apply(
            watch(subject("web"), "/data").recursive().kinds(supported()).build(),
            watch(subject("file"), "/data/file").kinds(supported()).build());

    assertThat(openBelow(bench().root())).as("an open one makes umount(2) fail").isEqualTo(before);
  }

  @Test
  default void closingEndsThreadsAndEventsAndLeavesNoDescriptor() throws Exception {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());
    bench().settle();
    int whileOpen = openAnonymous();
    List<String> told = bench().told(web);

    bench().backend().close();
    bench().backend().close();
    bench().touch("/data/unseen");

    assertThat(bench().context().liveThreads()).isEmpty();
    assertThat(bench().context().uncaught()).isEmpty();
    assertThat(bench().told(web)).isEqualTo(told);
    int afterClose = openAnonymous();
    assertThat(afterClose).isLessThanOrEqualTo(whileOpen);
    for (int i = 0; i < 5; i++) {
      providerUnderTest()
          .open(TestBackendContext.builder().config(bench().context().config()).build())
          .close();
    }
    assertThat(openAnonymous()).as("descriptors after five more lives").isEqualTo(afterClose);
  }

  /** How many descriptors without a file behind them are open: inotify, eventfd, epoll. */
  private static int openAnonymous() throws IOException {
    return (int) descriptors().stream().filter(link -> link.startsWith("anon_inode:")).count();
  }

  private static List<String> openBelow(Path root) throws IOException {
    return descriptors().stream()
        .filter(link -> link.startsWith(root.toString()))
        .sorted()
        .toList();
  }

  private static List<String> descriptors() throws IOException {
    List<String> links = new ArrayList<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        try {
          links.add(Files.readSymbolicLink(fd).toString());
        } catch (NoSuchFileException e) {
          // The stream's own descriptor, or one that another thread has just closed.
        }
      }
    }
    return links;
  }
}

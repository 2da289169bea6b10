package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.EventText;
import dev.custos.testkit.WatchBench;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel's queue runs full: {@code IN_Q_OVERFLOW} of inotify(7). */
class OverflowTest extends KernelTest {
  private static final Path QUEUE = Path.of("/proc/sys/fs/inotify/max_queued_events");

  private final Subject web = subject("web");

  /**
   * Makes the queue overflow before the script runs and lets it be read after. No setting of the
   * kernel is touched for it, because that would be everybody's.
   */
  private void overflowDuring(String script) {
    // Without a shell's pattern, for which it would read the directory.
    bench().sh("cd data; rm -f before flood-0 flood-1; : > flood-0");
    bench().settle();
    provider.hold(() -> bench().touch("/data/before"));
    int queue = Math.max(16_384, Budget.readNumber(QUEUE));
    // Twice an event each, and none is equal to its neighbour, which the kernel would merge.
    for (int i = 0; i <= queue / 2; i++) {
      bench().rename("/data/flood-" + i % 2, "/data/flood-" + (i + 1) % 2);
    }
    bench().sh(script);
    provider.letGo();
    awaitLoss(web, LossReason.KERNEL_QUEUE_OVERFLOW);
    bench().settle();
  }

  private static Watch tree(Subject subject) {
    return watch(subject, "/data").kinds(ChangeKind.CREATE).recursive().build();
  }

  @Test
  void anOverflowIsToldOnceToEachWatchThatItAffects() {
    Subject other = subject("other");
    Subject pending = subject("pending");
    bench().sh("mkdir data other");
    bench().apply(tree(web), watch(other, "/other").build(), watch(pending, "/absent").build());
    bench().settle();

    bench().clock().advance(Duration.ofSeconds(5));
    overflowDuring("");

    assertThat(losses(web)).hasSize(1);
    assertThat(losses(other)).hasSize(1);
    assertThat(losses(pending)).isEmpty();
    EventsLost lost = losses(web).get(0);
    assertThat(lost.path()).isEqualTo(FilePath.of("/data"));
    assertThat(lost.count()).as("nobody can know").isEmpty();
    assertThat(lost.from()).isBeforeOrEqualTo(WatchBench.NOON.plusSeconds(5));
    assertThat(lost.to()).isEqualTo(WatchBench.NOON.plusSeconds(5));
    assertThat(lost.detail()).isNotBlank();
  }

  @Test
  void whatTheQueueCouldHoldIsTold() {
    bench().sh("mkdir data");
    bench()
        .apply(
            watch(web, "/data")
                .kinds(Set.of(ChangeKind.MOVED_FROM, ChangeKind.MOVED_TO, ChangeKind.CREATE))
                .build());

    overflowDuring("");

    int queue = Budget.readNumber(QUEUE);
    assertThat(bench().told(web))
        .filteredOn(told -> told.startsWith("MOVED_"))
        .as("all of the queue but the overflow itself")
        .hasSizeBetween(queue - 2, queue);
    assertThat(losses(web)).hasSize(1);
  }

  @Test
  void directoriesMadeMeanwhileAreToldAndCovered() {
    bench().sh("mkdir -p data/old/deep");
    bench().apply(tree(web));

    overflowDuring("mkdir -p data/new/deep data/old/deep/new; : > data/new/deep/file");
    List<String> found = bench().told(web);
    bench().events().clear();
    bench().sh("for d in new new/deep old old/deep old/deep/new; do : > data/$d/later; done");
    bench().settle();

    assertThat(found)
        .contains(
            "CREATE directory /data: new",
            "CREATE directory /data/new: deep",
            "CREATE file /data/new/deep: file",
            "CREATE directory /data/old/deep: new");
    assertThat(bench().told(web))
        .containsExactly(
            "CREATE file /data/new: later",
            "CREATE file /data/new/deep: later",
            "CREATE file /data/old: later",
            "CREATE file /data/old/deep: later",
            "CREATE file /data/old/deep/new: later");
    inspectionMatches();
  }

  @Test
  void directoriesThatWereDeletedMeanwhileAreForgotten() {
    bench().sh("mkdir -p data/gone/deep data/stays");
    bench().apply(tree(web));

    overflowDuring("rm -r data/gone");
    bench().events().clear();
    bench().sh("mkdir data/gone; : > data/stays/later");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE directory /data: gone", "CREATE file /data/stays: later");
    inspectionMatches();
  }

  /** Whichever of the two directories is listed first. */
  @ParameterizedTest
  @CsvSource({"/data, /data/z", "/data/z, /data", "/data/a, /data/z", "/data/z, /data/a"})
  void aTreeThatMovedMeanwhileIsToldUnderItsNewNameDownToItsLeaves(String from, String to) {
    bench().sh("mkdir -p data/a data/z");
    bench().sh("mkdir -p ." + from + "/old/deep/deeper");
    bench().sh(": > ." + from + "/old/known; : > ." + from + "/old/deep/known");
    bench().apply(tree(web));

    overflowDuring("mv ." + from + "/old ." + to + "/moved; mkdir ." + to + "/moved/deep/new");
    List<String> found = bench().told(web);
    bench().events().clear();
    bench().sh("cd ." + to + "; for d in . deep deep/deeper deep/new; do : > moved/$d/f; done");
    bench().settle();

    String moved = to + "/moved";
    assertThat(found)
        .contains("CREATE directory " + moved + "/deep: new")
        .as("only what is new")
        .noneMatch(told -> told.contains("known") || told.contains("deeper"));
    assertThat(bench().told(web))
        .containsExactly(
            "CREATE file " + moved + ": f",
            "CREATE file " + moved + "/deep: f",
            "CREATE file " + moved + "/deep/deeper: f",
            "CREATE file " + moved + "/deep/new: f");
    inspectionMatches();
  }

  @Test
  void aTreeThatMovedOutMeanwhileIsToldNoMore() {
    bench().sh("mkdir -p data/gone/deep outside");
    bench().apply(tree(web));

    overflowDuring("mv data/gone outside/gone");
    bench().events().clear();
    bench().sh(": > outside/gone/unseen; : > outside/gone/deep/unseen; : > data/seen");
    bench().settle();

    assertThat(bench().told(web)).containsExactly("CREATE file /data: seen");
  }

  @Test
  void aFileSubjectThatWasReplacedMeanwhileIsWatchedAgain() {
    Subject file = subject("file");
    bench().sh("mkdir data etc; echo 1 > etc/conf");
    bench().apply(tree(web), watch(file, "/etc/conf").kinds(ChangeKind.MODIFY).build());

    overflowDuring("echo 2 > etc/new; mv etc/new etc/conf");
    bench().events().clear();
    bench().sh("echo 3 >> etc/conf");
    bench().settle();

    assertThat(bench().told(file)).containsExactly("MODIFY file /etc/conf");
  }

  @Test
  void aPathThatAppearedMeanwhileIsWatched() {
    Subject later = subject("later");
    bench().sh("mkdir data");
    bench().apply(tree(web), watch(later, "/a/b").kinds(ChangeKind.CREATE).recursive().build());

    overflowDuring("mkdir -p a/b/c");
    bench().sh(": > a/b/c/file");
    bench().settle();

    assertThat(bench().told(later)).contains("CREATE file /a/b/c: file");
  }

  @Test
  void theListingThatFollowsShowsUpInNobodysEvents() {
    Subject reader = subject("reader");
    bench().sh("mkdir data; cd data; for i in $(seq 300); do mkdir -p $i/a; done");
    bench().apply(tree(web), treeOfAllKinds(reader));

    overflowDuring("mkdir data/new data/7/new; : > data/7/new/file");

    assertThat(listingsToldTo(reader)).isEmpty();
  }

  @Test
  void aListingOverflowsNoQueueHoweverManyDirectoriesThereAre() {
    Subject reader = subject("reader");
    // Six events each, if all are listed before any is read.
    int directories = Math.max(16_384, Budget.readNumber(QUEUE)) / 3;
    bench().sh("mkdir data; cd data; seq " + directories + " | xargs mkdir");
    bench().apply(treeOfAllKinds(reader));

    bench().apply(treeOfAllKinds(reader), tree(web));
    bench().settle();

    assertThat(losses(reader)).isEmpty();
    assertThat(listingsToldTo(reader)).isEmpty();
  }

  @Test
  void theShorterTheQueueTheLessIsListedBetweenTwoReads() {
    assertThat(Limits.listingsAtOnce(64, 16_384)).isEqualTo(64);
    assertThat(Limits.listingsAtOnce(64, 320)).isEqualTo(20);
    assertThat(Limits.listingsAtOnce(64, 1)).isEqualTo(1);
    assertThat(Limits.listingsAtOnce(64, -1)).as("unreadable").isEqualTo(64);
  }

  private static Watch treeOfAllKinds(Subject subject) {
    return watch(subject, "/data").kinds(EnumSet.allOf(ChangeKind.class)).recursive().build();
  }

  private List<String> listingsToldTo(Subject subject) {
    return bench().events().eventsOf(subject).stream()
        .filter(event -> event.fileType() == FileType.DIRECTORY)
        .filter(event -> Set.of("OPEN", "ACCESS", "CLOSE_NOWRITE").contains(event.eventName()))
        .map(EventText::brief)
        .toList();
  }

  @Test
  void oneTargetsOverflowIsNotAnothers() {
    Subject calm = subject("calm");
    bench().sh("mkdir data calm");
    Target two = bench().anotherTarget("/calm");
    bench().apply(tree(web));
    bench()
        .applyExactly(two, List.of(watch(calm, "/").kinds(ChangeKind.CREATE).recursive().build()));

    overflowDuring("mkdir calm/new; : > calm/new/file");
    bench().await(calm, "CREATE file /new: file");

    assertThat(losses(calm)).isEmpty();
  }

  @Test
  void oneOverflowAfterAnotherIsMadeGoodEachTime() {
    bench().sh("mkdir data");
    bench().apply(tree(web));

    for (int i = 0; i < 5; i++) {
      bench().events().clear();
      overflowDuring("mkdir -p data/n" + i + "/deep");
      bench().touch("/data/n" + i + "/deep/file");
      bench().await(web, "CREATE file /data/n" + i + "/deep: file");
    }

    inspectionMatches();
  }
}

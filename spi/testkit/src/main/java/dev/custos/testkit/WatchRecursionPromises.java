package dev.custos.testkit;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a watch backend promises about a tree that changes under it. */
public interface WatchRecursionPromises extends WatchPromises {
  @Test
  default void aWatchThatIsNotRecursiveEndsAtTheDirectory() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/sub");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());

    bench().sh(": > data/sub/unseen; mkdir data/new; : > data/new/unseen; : > data/seen");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE directory /data: new", "CREATE file /data: seen");
  }

  @Test
  default void aRecursiveWatchSeesEveryLevel() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/a/b/c/d/e");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().sh(": > data/0; : > data/a/b/2; : > data/a/b/c/d/e/5");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly(
            "CREATE file /data: 0", "CREATE file /data/a/b: 2", "CREATE file /data/a/b/c/d/e: 5");
  }

  @Test
  default void aDirectoryCreatedLaterIsWatched() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().mkdir("/data/new");
    bench().await(web, "CREATE directory /data: new");
    bench().settle();
    bench().touch("/data/new/later");

    FileChanged later = (FileChanged) bench().await(web, "CREATE file /data/new: later");
    assertThat(later.synthetic()).isFalse();
  }

  @Test
  default void whatWasInANewDirectoryBeforeItsWatchIsToldToo() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());
    List<String> expected = new ArrayList<>();
    StringBuilder script = new StringBuilder("cd data\n");
    for (int i = 0; i < 100; i++) {
      script.append("mkdir -p r").append(i).append("/b/c; : > r").append(i).append("/b/c/now\n");
      expected.add("CREATE directory /data: r" + i);
      expected.add("CREATE directory /data/r" + i + ": b");
      expected.add("CREATE directory /data/r" + i + "/b: c");
      expected.add("CREATE file /data/r" + i + "/b/c: now");
    }

    bench().sh(script.toString());
    bench().settle();

    assertThat(bench().told(web))
        .as("each exactly once")
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  default void whatIsFoundByLookingSaysSo() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    // Made elsewhere and moved in, the content raised no event of its own that could be seen.
    bench().sh("mkdir -p made/deep; : > made/deep/file; mv made data/moved");
    bench().settle();

    assertThat(bench().events().eventsOf(web))
        .allSatisfy(event -> assertThat(((FileChanged) event).synthetic()).isTrue());
  }

  @Test
  default void aSubjectThatDidNotAskForCreationsStillSeesNewDirectories() {
    needs(ChangeKind.DELETE);
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.DELETE).recursive().build());

    bench().mkdir("/data/new");
    bench().settle();
    bench().sh(": > data/new/file; rm data/new/file");
    bench().settle();

    assertThat(bench().told(web)).containsExactly("DELETE file /data/new: file");
  }

  @Test
  default void aRenamedDirectoryIsToldUnderItsNewName() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/old/deep");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().rename("/data/old", "/data/new");
    bench().sh(": > data/new/a; : > data/new/deep/b");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data/new: a", "CREATE file /data/new/deep: b");
  }

  @Test
  default void aDirectoryWithTheNameOfARenamedOneIsAnother() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/it");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().rename("/data/it", "/data/kept");
    bench().mkdir("/data/it");
    bench().settle();
    bench().sh(": > data/it/new; : > data/kept/old");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly(
            "CREATE directory /data: it",
            "CREATE file /data/it: new",
            "CREATE file /data/kept: old");
  }

  @Test
  default void movingADirectoryOutOfTheTreeStopsItsEvents() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/gone/deep outside");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().rename("/data/gone", "/outside/gone");
    bench().settle();
    bench().sh(": > outside/gone/unseen; : > outside/gone/deep/unseen");
    bench().settle();

    assertThat(bench().told(web)).isEmpty();
  }

  @Test
  default void aDirectoryMovedIntoTheTreeIsWatched() {
    Subject web = subject("web");
    bench().sh("mkdir -p data outside/it/deep");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().rename("/outside/it", "/data/it");
    bench().settle();
    bench().events().clear();
    bench().sh(": > data/it/a; : > data/it/deep/b");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data/it: a", "CREATE file /data/it/deep: b");
  }

  @Test
  default void aDeletedTreeMadeAgainIsWatchedAgain() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/it/deep");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().sh("rm -r data/it");
    bench().settle();
    bench().sh("mkdir -p data/it/deep");
    bench().settle();
    bench().touch("/data/it/deep/a");

    bench().await(web, "CREATE file /data/it/deep: a");
  }

  /** With {@code maxDepth} N, directories down to N levels below the path cover their children. */
  @Test
  default void maxDepthEndsTheTreeThatManyLevelsBelowThePath() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/1/2/3");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().maxDepth(2).build());

    bench().sh(": > data/a; : > data/1/b; : > data/1/2/c; : > data/1/2/3/unseen");
    bench().sh("mkdir -p data/new");
    bench().settle();
    bench().sh("mkdir -p data/new/2");
    bench().settle();
    bench().sh("mkdir -p data/new/2/3");
    bench().settle();
    bench().touch("/data/new/2/3/unseen");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly(
            "CREATE file /data: a",
            "CREATE file /data/1: b",
            "CREATE file /data/1/2: c",
            "CREATE directory /data: new",
            "CREATE directory /data/new: 2",
            "CREATE directory /data/new/2: 3");
  }

  @Test
  default void anIgnoredDirectoryIsLeftOutNowAndLater() {
    Subject web = subject("web");
    bench().sh("mkdir -p data/.git/objects data/build-1 data/a/b data/src");
    bench()
        .apply(
            watch(web, "/data")
                .kinds(ChangeKind.CREATE)
                .recursive()
                .ignore(".git", "build-?", "a/b")
                .build());

    bench().sh("cd data; : > .git/unseen; : > .git/objects/unseen; : > build-1/unseen");
    bench().sh("cd data; : > a/b/unseen; mkdir -p src/.git; : > src/.git/unseen");
    bench().sh("cd data; mkdir build-22 src/b");
    bench().settle();
    bench().sh("cd data; : > src/.git/unseen-2; : > src/b/seen; : > build-22/seen; : > a/seen");
    bench().settle();

    assertThat(bench().told(web))
        .contains(
            "CREATE file /data/src/b: seen",
            "CREATE file /data/build-22: seen",
            "CREATE file /data/a: seen")
        .noneMatch(told -> told.contains("unseen"));
  }

  @Test
  default void overlappingTreesAreEachToldOnce() {
    Subject outer = subject("outer");
    Subject inner = subject("inner");
    bench().sh("mkdir -p data/in");
    bench()
        .apply(
            watch(outer, "/data").kinds(ChangeKind.CREATE).recursive().build(),
            watch(inner, "/data/in").kinds(ChangeKind.CREATE).recursive().build());

    bench().mkdir("/data/in/new");
    bench().settle();
    bench().touch("/data/in/new/a");
    bench().settle();

    List<String> expected =
        List.of("CREATE directory /data/in: new", "CREATE file /data/in/new: a");
    assertThat(bench().told(outer)).containsExactlyElementsOf(expected);
    assertThat(bench().told(inner)).containsExactlyElementsOf(expected);
  }

  @Test
  default void theBackendsOwnListingShowsUpInNobodysEvents() {
    Subject reader = subject("reader");
    Subject bystander = subject("bystander");
    bench().sh("mkdir -p data/a/b/c data/d; : > data/a/b/c/file");
    Set<ChangeKind> all = supported();
    bench()
        .apply(
            watch(reader, "/data").kinds(all).recursive().build(),
            watch(bystander, "/data/a").kinds(all).build());

    bench()
        .apply(
            watch(reader, "/data").kinds(all).recursive().build(),
            watch(bystander, "/data/a").kinds(all).build(),
            watch(subject("third"), "/data").kinds(ChangeKind.CREATE).recursive().build());
    // System calls that open no directory: whoever reads one now is the backend.
    for (int i = 0; i < 20; i++) {
      bench().mkdir("/data/a/new-" + i);
      bench().mkdir("/data/a/new-" + i + "/deep");
      bench().touch("/data/a/new-" + i + "/deep/file");
    }
    bench().settle();

    Set<String> ofReading = Set.of("OPEN", "ACCESS", "CLOSE_NOWRITE");
    assertThat(bench().events().events())
        .filteredOn(event -> event.fileType() == FileType.DIRECTORY)
        .filteredOn(event -> ofReading.contains(event.eventName()))
        .extracting(EventText::of)
        .isEmpty();
  }

  @Test
  default void anothersListingIsTold() {
    needs(ChangeKind.OPEN);
    Subject web = subject("web");
    bench().sh("mkdir -p data/sub");
    bench().apply(watch(web, "/data").kinds(ChangeKind.OPEN).recursive().build());

    bench().sh("ls data");
    bench().await(web, "OPEN directory /data");
    bench().mkdir("/data/new");
    bench().settle();
    bench().sh("ls data/new");

    bench().await(web, "OPEN directory /data: new");
  }
}

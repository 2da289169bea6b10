package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Directories that are renamed, exchanged, moved in and moved out. */
class MoveTest extends KernelTest {
  private final Subject web = subject("web");

  private static Watch tree(Subject subject) {
    return watch(subject, "/data").kinds(ChangeKind.CREATE).recursive().build();
  }

  @Test
  void exchangedDirectoriesAreEachToldUnderTheirNewNames() {
    bench().sh("mkdir -p data/a/in-a data/b/in-b; : > data/a/known; : > data/b/known");
    bench().apply(tree(web));

    RenameLibrary.exchange(bench().file("/data/a"), bench().file("/data/b"));
    bench().settle();
    bench().sh(": > data/a/f; : > data/a/in-b/f; : > data/b/f; : > data/b/in-a/f");
    bench().settle();

    assertThat(bench().told(web))
        .as("and nothing that was there before")
        .containsExactly(
            "CREATE file /data/a: f",
            "CREATE file /data/a/in-b: f",
            "CREATE file /data/b: f",
            "CREATE file /data/b/in-a: f");
    inspectionMatches();
  }

  @Test
  void aDirectoryExchangedWithOneOutsideIsTakenInAndTheOtherLetGo() {
    bench().sh("mkdir -p data/a/in-a out/b/in-b");
    bench().apply(tree(web));

    RenameLibrary.exchange(bench().file("/data/a"), bench().file("/out/b"));
    bench().settle();
    bench().events().clear();
    bench().sh(": > data/a/f; : > data/a/in-b/f; : > out/b/unseen; : > out/b/in-a/unseen");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data/a: f", "CREATE file /data/a/in-b: f");
  }

  @Test
  void parentAndChildThatChangePlacesAreFollowed() {
    bench().sh("mkdir -p data/a/b/c");
    bench().apply(tree(web));

    for (int i = 0; i < 50; i++) {
      bench().events().clear();
      bench().sh("cd data; mv a/b b; mv a b/a; : > b/f" + i + "; : > b/a/f" + i);
      bench().settle();
      List<String> told = new ArrayList<>(bench().told(web));
      bench().sh("cd data; mv b/a a; mv b a/b; : > a/g" + i + "; : > a/b/c/g" + i);
      bench().settle();

      assertThat(told)
          .containsExactly("CREATE file /data/b: f" + i, "CREATE file /data/b/a: f" + i);
      assertThat(bench().told(web).subList(2, 4))
          .containsExactly("CREATE file /data/a: g" + i, "CREATE file /data/a/b/c: g" + i);
    }
    inspectionMatches();
  }

  @Test
  void aDirectoryRenamedOntoAnEmptyOneTakesItsPlace() {
    bench().sh("mkdir -p data/new/deep data/old");
    bench().apply(tree(web));

    bench().sh("mv -T data/new data/old; : > data/old/f; : > data/old/deep/f");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data/old: f", "CREATE file /data/old/deep: f");
    inspectionMatches();
  }

  @Test
  void eventsFromWithinADirectoryOnItsWayBearItsNewName() {
    bench().sh("mkdir -p data/a/deep data/z");
    bench().apply(tree(web));

    StringBuilder script = new StringBuilder("cd data\n");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String from = i % 2 == 0 ? "a" : "z/a";
      String to = i % 2 == 0 ? "z/a" : "a";
      script.append("mv " + from + " " + to + "; : > " + to + "/deep/f" + i + "\n");
      expected.add("f" + i);
    }
    bench().sh(script.toString());
    bench().settle();

    // While it moves to and fro, the name it had just before or after is as true.
    assertThat(bench().events().eventsOf(web))
        .extracting(event -> event.file().text())
        .containsExactlyElementsOf(expected);
    assertThat(bench().told(web)).last().isEqualTo("CREATE file /data/a/deep: f99");
  }

  @Test
  void bothHalvesOfARenameShareACookieAcrossDirectories() {
    bench().sh("mkdir -p data/a data/b data/a/dir; : > data/a/file");
    bench()
        .apply(
            watch(web, "/data")
                .kinds(Set.of(ChangeKind.MOVED_FROM, ChangeKind.MOVED_TO))
                .recursive()
                .build());

    bench().sh("mv data/a/file data/b/file; mv data/a/dir data/b/dir");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly(
            "MOVED_FROM file /data/a: file",
            "MOVED_TO file /data/b: file",
            "MOVED_FROM directory /data/a: dir",
            "MOVED_TO directory /data/b: dir");
    List<Integer> cookies =
        bench().events().eventsOf(web).stream().map(e -> ((FileChanged) e).cookie()).toList();
    assertThat(cookies.get(0)).isNotZero().isEqualTo(cookies.get(1));
    assertThat(cookies.get(2)).isNotZero().isEqualTo(cookies.get(3)).isNotEqualTo(cookies.get(0));
  }

  @Test
  void maxDepthHoldsWhereADirectoryIsNow() {
    bench().sh("mkdir -p data/1/2/3 data/a/b/c");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().maxDepth(2).build());

    bench().sh("mv data/1/2 data/2; mv data/a data/1/a");
    bench().settle();
    bench().events().clear();
    bench().sh("cd data; : > 2/f; : > 2/3/f; : > 1/a/f; : > 1/a/b/unseen; mkdir 1/a/b/c/unseen");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly(
            "CREATE file /data/2: f", "CREATE file /data/2/3: f", "CREATE file /data/1/a: f");
    inspectionMatches();
  }

  @Test
  void aDirectoryMovedToAnIgnoredNameIsLetGoAndTakenInAgain() {
    bench().sh("mkdir -p data/a/deep");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().ignore("*.tmp").build());

    bench().sh("mv data/a data/a.tmp");
    bench().settle();
    bench().sh(": > data/a.tmp/unseen; : > data/a.tmp/deep/unseen");
    bench().settle();
    bench().sh("rm data/a.tmp/unseen data/a.tmp/deep/unseen; mv data/a.tmp data/b");
    bench().settle();
    bench().events().clear();
    bench().sh(": > data/b/f; : > data/b/deep/f");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data/b: f", "CREATE file /data/b/deep: f");
  }

  @Test
  void aWatchMayBeTakenAwayWhileADirectoryIsOnItsWayOutOfIt() {
    Watch other = watch(subject("other"), "/data").kinds(ChangeKind.CREATE).build();
    bench().sh("mkdir -p data out");
    for (int i = 0; i < 30; i++) {
      bench().mkdir("/data/d" + i);
      bench().mkdir("/data/d" + i + "/deep");
      bench().apply(tree(web), other);
      bench().rename("/data/d" + i, "/out/d" + i);
      // Changes nothing, but comes back after the move was read and before anyone gives up on it.
      bench().apply(tree(web), other);
      bench().apply(other);
    }
    bench().touch("/data/f");

    bench().await(subject("other"), "CREATE file /data: f");
    inspectionMatches();
  }

  @Test
  void aDirectoryMovedOutAndBackInIsWatchedAsBefore() {
    bench().sh("mkdir -p data/a/deep out");
    bench().apply(tree(web));

    bench().sh("mv data/a out/a; mv out/a data/b; : > data/b/deep/f");
    bench().settle();

    FilePath deep = FilePath.of("/data/b/deep");
    assertThat(bench().events().eventsOf(web))
        .anyMatch(event -> event.path().equals(deep) && event.file().equals(FilePath.of("f")));
    bench().events().clear();
    bench().touch("/data/b/deep/g");
    bench().settle();
    assertThat(bench().told(web)).containsExactly("CREATE file /data/b/deep: g");
  }

  /** What is moved on from a directory that is on its way out takes its own events along. */
  @Test
  void whatIsMadeInADirectoryThatComesBackFromOneThatWasMovedOutIsWatched() throws Exception {
    bench().sh("mkdir -p data/to out");
    bench().apply(tree(web));

    for (int i = 0; i < 50; i++) {
      bench().sh("mkdir -p data/d/p; rm -rf out/d data/to/p");
      bench().settle();
      Files.move(bench().file("/data/d"), bench().file("/out/d"));
      Files.createDirectory(bench().file("/out/d/p/made"));
      Files.move(bench().file("/out/d/p"), bench().file("/data/to/p"));
      bench().settle();
      bench().events().clear();
      bench().sh(": > data/to/p/made/f");
      bench().settle();

      assertThat(bench().told(web)).containsExactly("CREATE file /data/to/p/made: f");
    }
    inspectionMatches();
  }

  /** Only the one has directories in it: which of the two was watched and which looked at? */
  @Test
  void directoriesThatChangePlacesWhileTheyAreFirstListedAreWatchedWithAllThatIsInThem()
      throws Exception {
    bench().sh("mkdir -p data/full/deep data/empty");
    Path full = bench().file("/data/full");
    Path empty = bench().file("/data/empty");
    bench().apply(tree(web));
    int watches = bench().backend().inspect().found();
    bench().apply();

    for (int i = 0; i < 100; i++) {
      AtomicBoolean listed = new AtomicBoolean();
      Thread swapping =
          new Thread(
              () -> {
                while (!listed.get()) {
                  RenameLibrary.tryExchange(full, empty);
                }
              });
      swapping.start();
      bench().apply(tree(web));
      listed.set(true);
      swapping.join();
      await()
          .atMost(WatchBench.DEADLINE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> bench().backend().inspect().found() == watches);
      bench().settle();
      bench().events().clear();
      bench().sh("cd data; touch full/f empty/f $(echo */deep)/f; rm full/f empty/f */deep/f");

      // Later than settled: what happens in a directory on its way waits until it is known where.
      await()
          .atMost(WatchBench.DEADLINE)
          .pollInterval(Duration.ofMillis(5))
          .untilAsserted(() -> assertThat(bench().told(web)).hasSize(3));
      bench().apply();
    }
    inspectionMatches();
  }
}

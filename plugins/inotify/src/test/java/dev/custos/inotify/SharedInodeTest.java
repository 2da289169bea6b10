package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One inode, many wishes: hard links, bind mounts, links and targets meet in one watch. */
class SharedInodeTest extends KernelTest {
  private final Subject one = subject("one");
  private final Subject two = subject("two");

  private static Watch tree(Subject subject, String path) {
    return watch(subject, path).kinds(ChangeKind.CREATE).recursive().build();
  }

  @Test
  void hardLinksOfAFileAreEachToldUnderTheirOwnPathWhatTheyAskedFor() {
    bench().sh("mkdir a b; echo 1 > a/f; ln a/f b/g");
    Watch modified = watch(one, "/a/f").kinds(ChangeKind.MODIFY).build();
    Watch metadata = watch(two, "/b/g").kinds(Set.of(ChangeKind.ATTRIB, ChangeKind.OPEN)).build();
    bench().apply(modified, metadata);

    bench().sh("echo 2 >> a/f; chmod 600 b/g");
    bench().settle();

    assertThat(bench().told(one)).containsExactly("MODIFY file /a/f");
    assertThat(bench().told(two)).containsExactly("OPEN file /b/g", "ATTRIB file /b/g");
  }

  @Test
  void aHardLinkThatIsDeletedLeavesTheOtherWatched() {
    bench().sh("mkdir a b; echo 1 > a/f; ln a/f b/g");
    bench()
        .apply(
            watch(one, "/a/f").kinds(ChangeKind.MODIFY).build(),
            watch(two, "/b/g").kinds(ChangeKind.MODIFY).build());

    bench().sh("rm a/f; echo 2 >> b/g");
    bench().settle();

    assertThat(bench().told(one)).isEmpty();
    assertThat(bench().told(two)).containsExactly("MODIFY file /b/g");
    awaitState("/a/f", State.PENDING);
  }

  /** Whether the reader takes the changes one by one or, as here, all at once. */
  @Test
  void whatAFileIsToldByAHardLinkIsNotToldByAnotherThatWasThereBefore() {
    bench().sh("mkdir a b; echo 1 > a/f; ln a/f b/g");
    bench()
        .apply(
            watch(one, "/a/f").kinds(ChangeKind.MODIFY).build(),
            watch(two, "/b/g").kinds(ChangeKind.MODIFY).build());

    provider.hold(() -> bench().sh("echo 2 >> b/g"));
    bench().sh("echo 3 >> a/f; chmod 600 a/f; rm a/f; echo 4 >> b/g");
    provider.letGo();
    bench().settle();

    assertThat(bench().told(one)).containsExactly("MODIFY file /a/f", "MODIFY file /a/f");
    assertThat(bench().told(two))
        .containsExactly("MODIFY file /b/g", "MODIFY file /b/g", "MODIFY file /b/g");
    inspectionMatches();
  }

  @Test
  void aPathThatLeadsToTheSameFileAgainAtOnceMissesNothing() {
    bench().sh("mkdir -p data/deep; ln -s data link");
    bench().apply(tree(one, "/link"));

    provider.hold(() -> bench().sh(": > data/first"));
    bench().sh("ln -s data next; mv -T next link; : > data/f; mkdir data/new; : > data/deep/f");
    provider.letGo();
    bench().settle();

    assertThat(bench().told(one))
        .containsExactly(
            "CREATE file /link: first",
            "CREATE file /link: f",
            "CREATE directory /link: new",
            "CREATE file /link/deep: f");
    inspectionMatches();
  }

  @Test
  void theEndOfAFileIsToldAlthoughItsPathIsGoneBefore() {
    Watch ends =
        watch(one, "/a/f").kinds(Set.of(ChangeKind.MOVE_SELF, ChangeKind.DELETE_SELF)).build();
    bench().sh("mkdir a; : > a/f");
    bench().apply(ends, watch(two, "/a").kinds(ChangeKind.CREATE).build());

    provider.hold(() -> bench().touch("/a/first"));
    bench().sh("mv a/f a/g");
    provider.letGo();
    bench().settle();

    assertThat(bench().told(one)).containsExactly("MOVE_SELF file /a/f");
  }

  @Test
  void aFileMadeInABindMountIsToldUnderBothItsPaths() {
    bench().sh("mkdir -p a/deep b");
    bindMount("/a", "/b");
    bench().apply(tree(one, "/a"), tree(two, "/b"));

    bench().sh(": > a/deep/f; mkdir b/new");
    bench().settle();
    bench().touch("/a/new/g");
    bench().settle();

    assertThat(bench().told(one))
        .containsExactly(
            "CREATE file /a/deep: f", "CREATE directory /a: new", "CREATE file /a/new: g");
    assertThat(bench().told(two))
        .containsExactly(
            "CREATE file /b/deep: f", "CREATE directory /b: new", "CREATE file /b/new: g");
    inspectionMatches();
  }

  @Test
  void aTreeWithABindMountWithinItselfIsToldOnEveryPathThatThereIs() {
    bench().sh("mkdir -p data/a/deep data/b");
    bindMount("/data/a", "/data/b");
    bench().apply(tree(one, "/data"));

    bench().sh(": > data/a/f; : > data/b/deep/g");
    bench().settle();

    assertThat(bench().told(one))
        .containsExactlyInAnyOrder(
            "CREATE file /data/a: f",
            "CREATE file /data/b: f",
            "CREATE file /data/a/deep: g",
            "CREATE file /data/b/deep: g");
    inspectionMatches();
  }

  @Test
  void aBindMountOfATreeIntoItselfDoesNotMakeItEndless() {
    bench().sh("mkdir -p data/self");
    bindMount("/data", "/data/self");
    bench().apply(tree(one, "/data"));

    bench().touch("/data/f");
    bench().settle();

    assertThat(bench().told(one))
        .containsExactlyInAnyOrder("CREATE file /data: f", "CREATE file /data/self: f");
  }

  @Test
  void aRenameWithinABindMountIsFollowedOnBothPaths() {
    bench().sh("mkdir -p a/old/deep b");
    bindMount("/a", "/b");
    bench().apply(tree(one, "/a"), tree(two, "/b"));

    bench().sh("mv a/old a/new; : > b/new/deep/f");
    bench().settle();

    assertThat(bench().told(one)).containsExactly("CREATE file /a/new/deep: f");
    assertThat(bench().told(two)).containsExactly("CREATE file /b/new/deep: f");
  }

  @Test
  void aDirectoryMovedFromOneSubjectsTreeToAnothersChangesHands() {
    bench().sh("mkdir -p a/it/deep b");
    bench().apply(tree(one, "/a"), tree(two, "/b"));

    bench().sh("mv a/it b/it");
    bench().settle();
    bench().events().clear();
    bench().sh(": > b/it/f; : > b/it/deep/f");
    bench().settle();

    assertThat(bench().told(one)).isEmpty();
    assertThat(bench().told(two))
        .containsExactly("CREATE file /b/it: f", "CREATE file /b/it/deep: f");
    inspectionMatches();
  }

  @Test
  void aTreeAndItsPartsAndItsFilesAreEachToldAsAskedFor() {
    Subject file = subject("file");
    Subject linked = subject("linked");
    bench().sh("mkdir -p data/in; echo 1 > data/in/f; ln -s data/in link");
    bench()
        .apply(
            watch(one, "/data").kinds(ChangeKind.MODIFY).recursive().build(),
            watch(two, "/data/in").kinds(ChangeKind.CLOSE_WRITE).build(),
            watch(file, "/data/in/f").kinds(ChangeKind.MODIFY).build(),
            watch(linked, "/link/f").kinds(ChangeKind.OPEN).build());

    bench().sh("echo 2 >> data/in/f");
    bench().settle();

    assertThat(bench().told(one)).containsExactly("MODIFY file /data/in: f");
    assertThat(bench().told(two)).containsExactly("CLOSE_WRITE file /data/in: f");
    assertThat(bench().told(file)).containsExactly("MODIFY file /data/in/f");
    assertThat(bench().told(linked)).containsExactly("OPEN file /link/f");
  }

  @Test
  void twoTargetsThatShareATreeAreEachToldUnderTheirOwnPaths() {
    bench().sh("mkdir -p pod/vol/deep");
    Target host = bench().anotherTarget("/");
    Target pod = bench().anotherTarget("/pod");
    bench().apply();
    bench().applyExactly(host, List.of(tree(one, "/pod/vol")));
    bench().applyExactly(pod, List.of(tree(two, "/vol")));

    bench().touch("/pod/vol/deep/f");
    bench().await(one, "CREATE file /pod/vol/deep: f");
    bench().await(two, "CREATE file /vol/deep: f");
    bench().applyExactly(host, List.of());
    bench().touch("/pod/vol/deep/g");
    bench().await(two, "CREATE file /vol/deep: g");

    assertThat(bench().told(one)).containsExactly("CREATE file /pod/vol/deep: f");
  }

  @Test
  void thePlanOfOneSubjectMayComeAndGoWithoutTouchingAnothers() {
    bench().sh("mkdir -p data/deep");
    Watch stays = tree(one, "/data");
    bench().apply(stays);
    for (int i = 0; i < 20; i++) {
      bench().apply(stays, watch(two, "/data").recursive().build());
      bench().touch("/data/deep/a" + i);
      bench().apply(stays);
      bench().touch("/data/deep/b" + i);
    }
    bench().settle();

    assertThat(bench().told(one)).hasSize(40).doesNotHaveDuplicates();
    inspectionMatches();
  }
}

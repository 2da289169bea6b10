package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.WatchBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@code followMove}: a subject that is moved is watched where it is. */
class FollowMoveTest extends KernelTest {
  private final Subject web = subject("web");

  private WatchBuilder follows(String path) {
    return watch(web, path).kinds(Set.of(ChangeKind.CREATE, ChangeKind.MODIFY)).followMove();
  }

  private List<String> toldOf(String script) {
    bench().settle();
    bench().events().clear();
    bench().sh(script);
    bench().settle();
    return bench().told(web);
  }

  @Test
  void aMovedFileIsToldUnderItsNewPath() {
    bench().sh("mkdir a b; : > a/f");
    bench().apply(follows("/a/f").build());

    assertThat(toldOf("mv a/f b/g")).isEmpty();
    assertThat(toldOf("echo more >> b/g")).containsExactly("MODIFY file /b/g");
    assertThat(toldOf("mv b/g a/h; echo more >> a/h")).containsExactly("MODIFY file /a/h");
  }

  @Test
  void aMovedTreeIsToldUnderItsNewPathDownToItsLeaves() {
    bench().sh("mkdir -p a/deep b");
    bench().apply(follows("/a").recursive().build());

    assertThat(toldOf("mv a b/c")).isEmpty();
    assertThat(toldOf(": > b/c/f; : > b/c/deep/f; mkdir b/c/new"))
        .containsExactly(
            "CREATE file /b/c: f", "CREATE file /b/c/deep: f", "CREATE directory /b/c: new");
    assertThat(toldOf(": > b/c/new/f")).containsExactly("CREATE file /b/c/new: f");
    inspectionMatches();
  }

  @Test
  void aSubjectWhoseParentIsMovedIsFollowedToo() {
    bench().sh("mkdir -p a/b/c");
    bench().apply(follows("/a/b/c").build());

    assertThat(toldOf("mv a z")).isEmpty();
    assertThat(toldOf(": > z/b/c/f")).containsExactly("CREATE file /z/b/c: f");
  }

  @Test
  void aFileMadeAtTheOldPathMeanwhileIsNotTheSubject() {
    bench().sh(": > f");
    bench().apply(follows("/f").build());

    assertThat(toldOf("mv f g; : > f; echo other >> f")).isEmpty();
    assertThat(toldOf("echo more >> g")).containsExactly("MODIFY file /g");
  }

  @Test
  void onceTheMovedSubjectIsDeletedThePathThatWasAskedForIsWatchedAgain() {
    bench().sh("mkdir a; : > a/f");
    bench().apply(follows("/a/f").build());
    assertThat(toldOf("mv a/f a/g")).isEmpty();

    assertThat(toldOf("rm a/g")).isEmpty();
    awaitState("/a/f", State.PENDING);
    assertThat(toldOf(": > a/f")).containsExactly("CREATE file /a/f");
    assertThat(toldOf("echo more >> a/f")).containsExactly("MODIFY file /a/f");
  }

  @Test
  void aFileAtThePathThatWasAskedForIsTakenWhenTheMovedOneIsDeleted() {
    bench().sh("mkdir a; : > a/f");
    bench().apply(follows("/a/f").build());
    assertThat(toldOf("mv a/f a/g; : > a/f")).isEmpty();

    assertThat(toldOf("rm a/g")).containsExactly("CREATE file /a/f");
    assertThat(toldOf("echo more >> a/f")).containsExactly("MODIFY file /a/f");
  }

  @Test
  void aSubjectThatIsMovedOutOfTheTargetsRootIsLetGo() {
    bench().sh("mkdir -p box/a outside");
    Target box = bench().anotherTarget("/box");
    bench().apply();
    bench().applyExactly(box, List.of(follows("/a").build()));

    bench().sh("mv box/a outside/a");
    awaitState("/a", State.PENDING);
    bench().sh(": > outside/a/unseen; mkdir box/a");
    awaitState("/a", State.ACTIVE);
    bench().touch("/box/a/f");

    bench().await(web, "CREATE file /a: f");
    assertThat(bench().told(web)).noneMatch(told -> told.contains("unseen"));
  }

  @Test
  void onlyAFollowedSubjectKeepsADescriptor() {
    bench().sh("mkdir -p data/followed data/plain");
    bench()
        .apply(
            follows("/data/followed").recursive().build(),
            watch(subject("plain"), "/data/plain").recursive().build());

    assertThat(openBelow(bench().root())).containsExactly("/data/followed");
    bench().sh("mv data/followed data/moved");
    bench().settle();
    assertThat(openBelow(bench().root())).containsExactly("/data/moved");
    bench().apply();
    assertThat(openBelow(bench().root())).isEmpty();
  }

  @Test
  void aNameThatLooksDeletedIsNoProblem() {
    bench().sh(": > f");
    bench().apply(follows("/f").build());

    assertThat(toldOf("mv f 'g (deleted)'; echo more >> 'g (deleted)'"))
        .containsExactly("MODIFY file /g (deleted)");
    assertThat(toldOf("echo trap > 'x (deleted)'; mv 'g (deleted)' x; rm x")).isEmpty();
    awaitState("/f", State.PENDING);
  }

  /** What this process has open below a directory but that directory itself, sorted. */
  private static List<String> openBelow(Path root) {
    List<String> links = new ArrayList<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        try {
          String link = Files.readSymbolicLink(fd).toString();
          if (link.startsWith(root + "/")) {
            links.add(link.substring(root.toString().length()));
          }
        } catch (NoSuchFileException e) {
          // The stream's own descriptor, or one that another thread has just closed.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return links.stream().sorted().toList();
  }
}

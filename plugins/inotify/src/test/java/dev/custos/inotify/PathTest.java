package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Subject;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A path is never forgotten: not there yet, replaced, deleted, reached through other links. */
class PathTest extends KernelTest {
  private static final Set<ChangeKind> CONTENT = Set.of(ChangeKind.CREATE, ChangeKind.MODIFY);

  private final Subject web = subject("web");

  private State apply(String path) {
    ApplyReport report = bench().apply(watch(web, path).kinds(CONTENT).build());
    return report.paths().get(0).state();
  }

  private State applyTree(String path) {
    ApplyReport report = bench().apply(watch(web, path).kinds(CONTENT).recursive().build());
    return report.paths().get(0).state();
  }

  private void expectState(String path, State state) {
    awaitState(path, state);
    bench().context().coverage().clear();
  }

  /** What the script's changes are told as, from now on. */
  private List<String> toldOf(String script) {
    bench().settle();
    bench().events().clear();
    bench().sh(script);
    bench().settle();
    return bench().told(web);
  }

  @Test
  void aPathThatAppearsLevelByLevelIsWatchedOnceItIsThere() {
    assertThat(apply("/a/b/c")).isEqualTo(State.PENDING);

    assertThat(toldOf("mkdir a; : > a/noise")).isEmpty();
    assertThat(toldOf("mkdir a/b; : > a/b/noise")).isEmpty();
    assertThat(toldOf("mkdir a/b/c")).containsExactly("CREATE directory /a/b/c");
    expectState("/a/b/c", State.ACTIVE);
    assertThat(toldOf(": > a/b/c/f; : > a/b/noise-2")).containsExactly("CREATE file /a/b/c: f");
  }

  @Test
  void aPathThatAppearsAllAtOnceIsToldWithWhatIsInIt() {
    applyTree("/a/b/c");

    assertThat(toldOf("mkdir -p made/b/c/d; : > made/b/c/d/f; mv made a"))
        .containsExactlyInAnyOrder(
            "CREATE directory /a/b/c", "CREATE directory /a/b/c: d", "CREATE file /a/b/c/d: f");
    assertThat(bench().events().eventsOf(web))
        .allSatisfy(event -> assertThat(((FileChanged) event).synthetic()).isTrue());
  }

  @Test
  void aDeletedFileMadeAgainIsWatchedAgain() {
    bench().sh("mkdir etc; echo 1 > etc/conf");
    assertThat(apply("/etc/conf")).isEqualTo(State.ACTIVE);

    for (int i = 0; i < 3; i++) {
      assertThat(toldOf("rm etc/conf")).isEmpty();
      expectState("/etc/conf", State.PENDING);
      assertThat(toldOf(": > etc/conf")).containsExactly("CREATE file /etc/conf");
      expectState("/etc/conf", State.ACTIVE);
      assertThat(toldOf("echo more >> etc/conf")).containsExactly("MODIFY file /etc/conf");
    }
  }

  @Test
  void aDeletedTreeMadeAgainAtOnceIsWatchedAgain() {
    bench().sh("mkdir -p data/deep");
    applyTree("/data");

    for (int i = 0; i < 20; i++) {
      assertThat(toldOf("rm -r data; mkdir -p data/deep; : > data/deep/f"))
          .contains("CREATE directory /data", "CREATE file /data/deep: f");
      assertThat(toldOf(": > data/deep/g")).containsExactly("CREATE file /data/deep: g");
    }
    inspectionMatches();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // vim's way with 'backupcopy' off, a package manager's, and sed's.
        "mv etc/conf etc/conf~; echo 2 > etc/conf; rm etc/conf~",
        "echo 2 > etc/.conf.new; mv etc/.conf.new etc/conf",
        "sed -i s/1/2/ etc/conf",
        "rm etc/conf; echo 2 > etc/conf",
        "ln etc/conf etc/old; echo 2 > etc/new; mv etc/new etc/conf"
      })
  void aReplacedFileIsAnEventAndTheNewFileIsWatched(String replacement) {
    bench().sh("mkdir etc; echo 1 > etc/conf; : > etc/bystander");
    apply("/etc/conf");

    assertThat(toldOf(replacement)).contains("CREATE file /etc/conf");
    assertThat(toldOf("echo 3 >> etc/conf; : > etc/bystander"))
        .containsExactly("MODIFY file /etc/conf");
    assertThat(bench().context().coverage().changes())
        .extracting(change -> change.state().state())
        .as("it ends active")
        .last()
        .isEqualTo(State.ACTIVE);
    inspectionMatches();
  }

  @Test
  void aReplacementIsToldAsTheFirstKindThatWasAskedForIfCreationsWereNot() {
    bench().sh("mkdir etc; echo 1 > etc/conf");
    bench().apply(watch(web, "/etc/conf").kinds(ChangeKind.CLOSE_WRITE).build());

    assertThat(toldOf("echo 2 > etc/new; mv etc/new etc/conf"))
        .containsExactly("CLOSE_WRITE file /etc/conf");
    assertThat(bench().events().eventsOf(web))
        .allSatisfy(event -> assertThat(((FileChanged) event).synthetic()).isTrue());
  }

  /** What the kubelet does with each new version of a ConfigMap or a Secret. */
  private static String kubernetesUpdate(int version) {
    return "cd vol; mkdir ..v"
        + version
        + "; echo "
        + version
        + " > ..v"
        + version
        + "/key;"
        + " ln -s ..v"
        + version
        + " ..data_tmp; mv -T ..data_tmp ..data; rm -rf ..v"
        + (version - 1);
  }

  @Test
  void aKeyOfAKubernetesVolumeIsFollowedThroughEachUpdate() {
    bench().sh("mkdir vol");
    bench().sh(kubernetesUpdate(1));
    bench().sh("ln -s ..data/key vol/key");
    assertThat(apply("/vol/key")).isEqualTo(State.ACTIVE);

    for (int version = 2; version < 6; version++) {
      assertThat(toldOf(kubernetesUpdate(version))).containsOnlyOnce("CREATE file /vol/key");
      assertThat(toldOf("echo more >> vol/key")).containsExactly("MODIFY file /vol/key");
    }
    inspectionMatches();
  }

  @Test
  void theDataDirectoryOfAKubernetesVolumeIsFollowedThroughEachUpdate() {
    bench().sh("mkdir vol");
    bench().sh(kubernetesUpdate(1));
    assertThat(applyTree("/vol/..data")).isEqualTo(State.ACTIVE);

    for (int version = 2; version < 6; version++) {
      assertThat(toldOf(kubernetesUpdate(version)))
          .contains("CREATE directory /vol/..data", "CREATE file /vol/..data: key");
      assertThat(toldOf("echo more >> vol/..data/key"))
          .containsExactly("MODIFY file /vol/..data: key");
    }
    inspectionMatches();
  }

  @Test
  void aLinkToADirectoryIsFollowedAgainWhenItIsSwapped() {
    bench().sh("mkdir one two; ln -s one current");
    assertThat(applyTree("/current")).isEqualTo(State.ACTIVE);

    assertThat(toldOf(": > one/f; : > two/unseen")).containsExactly("CREATE file /current: f");
    assertThat(toldOf("ln -s two next; mv -T next current"))
        .contains("CREATE directory /current", "CREATE file /current: unseen");
    assertThat(toldOf(": > one/unseen; : > two/f")).containsExactly("CREATE file /current: f");
    assertThat(toldOf("rm current")).isEmpty();
    expectState("/current", State.PENDING);
    assertThat(toldOf(": > two/unseen-2; ln -s /one current; : > one/g"))
        .contains("CREATE directory /current", "CREATE file /current: g");
  }

  @Test
  void aLinkFarUpThePathThatIsSwappedIsFollowed() {
    bench().sh("mkdir -p one/b/c two/b/c; ln -s ../one two/link; ln -s two/link a");
    assertThat(apply("/a/b/c")).isEqualTo(State.ACTIVE);

    assertThat(toldOf("ln -sfn ../two two/link")).containsExactly("CREATE directory /a/b/c");
    assertThat(toldOf(": > one/b/c/unseen; : > two/b/c/f"))
        .containsExactly("CREATE file /a/b/c: f");
  }

  @Test
  void aDanglingLinkIsPendingUntilWhatItNamesIsThere() {
    bench().sh("mkdir dir; ln -s ../dir/file dir/link; ln -s dir/link top");
    assertThat(apply("/top")).isEqualTo(State.PENDING);

    assertThat(toldOf(": > dir/file")).containsExactly("CREATE file /top");
    assertThat(toldOf("echo more >> dir/file")).containsExactly("MODIFY file /top");
  }

  @Test
  void linksInACircleFailWithTheirErrorAndAreWatchedOnceItIsBroken() {
    bench().sh("ln -s b a; ln -s a b");
    ApplyReport report = bench().apply(watch(web, "/a/x").kinds(CONTENT).build());
    PathState state = report.paths().get(0);

    assertThat(state.state()).isEqualTo(State.FAILED);
    assertThat(state.reason()).contains("/a/x").contains("ELOOP");

    assertThat(toldOf("mkdir -p real/x; ln -sfn real b")).contains("CREATE directory /a/x");
    expectState("/a/x", State.ACTIVE);
    assertThat(toldOf(": > real/x/f")).containsExactly("CREATE file /a/x: f");
  }

  @Test
  void aPathThroughAFileIsPendingUntilThereIsADirectory() {
    bench().sh(": > a");
    assertThat(apply("/a/b")).isEqualTo(State.PENDING);

    assertThat(toldOf("rm a; mkdir -p a/b")).containsExactly("CREATE directory /a/b");
    assertThat(toldOf(": > a/b/f")).containsExactly("CREATE file /a/b: f");
    assertThat(toldOf("rm -r a; : > a; : > noise")).isEmpty();
    expectState("/a/b", State.PENDING);
  }

  @Test
  void aRenamedParentTakesThePathAwayAndBringsItBack() {
    bench().sh("mkdir -p a/b/c; : > a/b/c/known");
    applyTree("/a/b/c");

    assertThat(toldOf("mv a away; : > away/b/c/unseen")).isEmpty();
    expectState("/a/b/c", State.PENDING);
    bench().sh("mv away a");
    expectState("/a/b/c", State.ACTIVE);
    assertThat(toldOf(": > a/b/c/f")).containsExactly("CREATE file /a/b/c: f");
  }

  @Test
  void anotherParentOfTheSameNameIsWatchedInsteadOfTheOneThatWasRenamed() {
    bench().sh("mkdir -p a/b other/b");
    applyTree("/a/b");

    assertThat(toldOf("mv a old; mv other a")).contains("CREATE directory /a/b");
    assertThat(toldOf(": > old/b/unseen; : > a/b/f")).containsExactly("CREATE file /a/b: f");
    RenameLibrary.exchange(bench().file("/a"), bench().file("/old"));
    assertThat(toldOf(": > old/b/unseen-2; : > a/b/g")).containsExactly("CREATE file /a/b: g");
  }

  @Test
  void aFileThatBecomesADirectoryIsWatchedAsWhatItIs() {
    bench().sh(": > it");
    applyTree("/it");

    assertThat(toldOf("rm it; mkdir -p it/deep")).contains("CREATE directory /it");
    assertThat(toldOf(": > it/deep/f")).containsExactly("CREATE file /it/deep: f");
    assertThat(toldOf("rm -r it; : > it")).containsExactly("CREATE file /it");
    assertThat(toldOf("echo more >> it")).containsExactly("MODIFY file /it");
  }

  @Test
  void onlyDirWaitsForADirectory() {
    bench().sh(": > it");
    ApplyReport report = bench().apply(watch(web, "/it").kinds(CONTENT).onlyDir().build());

    assertThat(report.paths().get(0).state()).isEqualTo(State.FAILED);
    assertThat(toldOf("rm it; mkdir it")).containsExactly("CREATE directory /it");
    expectState("/it", State.ACTIVE);
    assertThat(toldOf(": > it/f")).containsExactly("CREATE file /it: f");
  }

  @Test
  void manyPathsThatAppearTogetherAreAllWatched() {
    bench()
        .apply(
            IntStream.range(0, 200)
                .mapToObj(i -> watch(subject("s" + i), "/a/" + i + "/f").kinds(CONTENT).build())
                .toList());

    bench().sh("mkdir a; cd a; for i in $(seq 0 199); do mkdir $i; : > $i/f; done");
    bench().settle();

    for (int i = 0; i < 200; i++) {
      assertThat(bench().told(subject("s" + i))).containsExactly("CREATE file /a/" + i + "/f");
    }
    inspectionMatches();
  }

  @Test
  void dotsAndSlashesInAPathAreResolvedBelowTheRoot() {
    bench().sh("mkdir -p a/b c");
    assertThat(apply("/../a//./b/../../c/")).isEqualTo(State.ACTIVE);

    assertThat(toldOf(": > c/f")).hasSize(1).allMatch(told -> told.endsWith(": f"));
  }

  @Test
  void theRootItselfMayBeWatched() {
    bench().sh("mkdir deep");
    assertThat(applyTree("/")).isEqualTo(State.ACTIVE);

    assertThat(toldOf(": > f; : > deep/g"))
        .contains("CREATE file /: f", "CREATE file /deep: g")
        .noneMatch(told -> told.contains("//"));
  }
}

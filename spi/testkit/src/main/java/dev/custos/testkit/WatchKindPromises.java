package dev.custos.testkit;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a watch backend promises about each kind of event, and about who is told of it. */
public interface WatchKindPromises extends WatchPromises {
  @ParameterizedTest
  @EnumSource(ChangeKind.class)
  default void aDirectoryTellsOfItsFilesWhatWasAskedForAndNothingElse(ChangeKind kind) {
    needs(kind);
    String doIt =
        switch (kind) {
          case ACCESS, OPEN, CLOSE_NOWRITE -> "cat data/it";
          case ATTRIB -> "chmod 600 data/it";
          case CLOSE_WRITE, MODIFY -> "echo more >> data/it";
          case CREATE -> ": > data/new";
          case DELETE -> "rm data/it";
          case MOVED_FROM -> "mv data/it outside/it";
          case MOVED_TO -> "mv outside/other data/other";
          case DELETE_SELF -> "rm data/it; rmdir data";
          case MOVE_SELF -> "mv data moved";
        };
    String told =
        switch (kind) {
          case CREATE -> "file /data: new";
          case MOVED_TO -> "file /data: other";
          case DELETE_SELF, MOVE_SELF -> "directory /data";
          default -> "file /data: it";
        };
    bench().sh("mkdir data outside; echo text > data/it; echo text > outside/other");
    tellsOnly(kind, "/data", doIt, told);
  }

  @ParameterizedTest
  @EnumSource(ChangeKind.class)
  default void aDirectoryTellsOfItsDirectoriesWhatWasAskedForAndNothingElse(ChangeKind kind) {
    needs(kind);
    String doIt =
        switch (kind) {
          case ACCESS, OPEN, CLOSE_NOWRITE -> "ls data/it";
          case ATTRIB -> "chmod 700 data/it";
          case CREATE -> "mkdir data/new";
          case DELETE -> "rmdir data/it";
          case MOVED_FROM -> "mv data/it outside/it";
          case MOVED_TO -> "mv outside/other data/other";
          default -> null;
        };
    Assumptions.assumeTrue(doIt != null, () -> "never happens to an entry: " + kind);
    String told =
        switch (kind) {
          case CREATE -> "directory /data: new";
          case MOVED_TO -> "directory /data: other";
          default -> "directory /data: it";
        };
    bench().sh("mkdir -m 755 -p data data/it outside/other");
    tellsOnly(kind, "/data", doIt, told);
  }

  @ParameterizedTest
  @EnumSource(ChangeKind.class)
  default void aFileTellsOfItselfWhatWasAskedForAndNothingElse(ChangeKind kind) {
    needs(kind);
    String doIt =
        switch (kind) {
          case ACCESS, OPEN, CLOSE_NOWRITE -> "cat data/it";
          case ATTRIB -> "chmod 600 data/it";
          case CLOSE_WRITE, MODIFY -> "echo more >> data/it";
          case DELETE_SELF -> "rm data/it";
          case MOVE_SELF -> "mv data/it data/moved";
          default -> null;
        };
    Assumptions.assumeTrue(doIt != null, () -> "never happens to a file itself: " + kind);
    bench().sh("mkdir data; echo text > data/it");
    tellsOnly(kind, "/data/it", doIt, "file /data/it");
  }

  private void tellsOnly(ChangeKind kind, String path, String doIt, String told) {
    Subject web = subject("web");
    bench().apply(watch(web, path).kinds(kind).build());

    bench().sh(doIt);

    bench().await(web, kind + " " + told);
    bench().settle();
    assertThat(bench().events().eventsOf(web))
        .extracting(IntegrityEvent::eventName)
        .containsOnly(kind.name());
  }

  @Test
  default void subjectsOfOneDirectoryAreEachToldWhatTheyAskedFor() {
    needs(ChangeKind.DELETE);
    Subject creations = subject("creations");
    Subject deletions = subject("deletions");
    Subject both = subject("both");
    bench().mkdir("/data");
    bench()
        .apply(
            watch(creations, "/data").kinds(ChangeKind.CREATE).build(),
            watch(deletions, "/data").kinds(ChangeKind.DELETE).build(),
            watch(both, "/data").kinds(ChangeKind.CREATE, ChangeKind.DELETE).recursive().build());

    bench().sh(": > data/a; rm data/a");
    bench().settle();

    assertThat(bench().told(creations)).containsExactly("CREATE file /data: a");
    assertThat(bench().told(deletions)).containsExactly("DELETE file /data: a");
    assertThat(bench().told(both)).containsExactly("CREATE file /data: a", "DELETE file /data: a");
  }

  @Test
  default void takingOneSubjectAwayLeavesTheOthersTheirKinds() {
    needs(ChangeKind.DELETE);
    Subject creations = subject("creations");
    Subject deletions = subject("deletions");
    bench().mkdir("/data");
    var stays = watch(creations, "/data").kinds(ChangeKind.CREATE).build();
    bench().apply(stays, watch(deletions, "/data").kinds(ChangeKind.DELETE).build());

    bench().apply(stays);
    bench().sh(": > data/a; rm data/a");
    bench().settle();

    assertThat(bench().told(creations)).containsExactly("CREATE file /data: a");
    assertThat(bench().told(deletions)).isEmpty();
  }

  @Test
  default void aFileAndItsDirectoryAreToldUnderTheirOwnPaths() {
    needs(ChangeKind.MODIFY);
    Subject file = subject("file");
    Subject directory = subject("directory");
    bench().sh("mkdir data; : > data/it; : > data/not-it");
    bench()
        .apply(
            watch(file, "/data/it").kinds(ChangeKind.MODIFY).build(),
            watch(directory, "/data").kinds(ChangeKind.MODIFY).build());

    bench().sh("echo more >> data/it; echo more >> data/not-it");
    bench().settle();

    assertThat(bench().told(file)).containsExactly("MODIFY file /data/it");
    assertThat(bench().told(directory))
        .containsExactly("MODIFY file /data: it", "MODIFY file /data: not-it");
  }

  @Test
  default void twoNamesOfOneDirectoryAreEachToldUnderTheirOwn() {
    Subject plain = subject("plain");
    Subject linked = subject("linked");
    bench().sh("mkdir data; ln -s data link");
    bench()
        .apply(
            watch(plain, "/data").kinds(ChangeKind.CREATE).build(),
            watch(linked, "/link").kinds(ChangeKind.CREATE).build());

    bench().touch("/data/a");
    bench().settle();

    assertThat(bench().told(plain)).containsExactly("CREATE file /data: a");
    assertThat(bench().told(linked)).containsExactly("CREATE file /link: a");
  }

  @Test
  default void aRenameIsTwoEventsWithOneCookie() {
    needs(ChangeKind.MOVED_FROM, ChangeKind.MOVED_TO);
    Subject web = subject("web");
    bench().sh("mkdir data; : > data/old");
    bench().apply(watch(web, "/data").kinds(ChangeKind.MOVED_FROM, ChangeKind.MOVED_TO).build());

    bench().rename("/data/old", "/data/new");
    FileChanged from = (FileChanged) bench().await(web, "MOVED_FROM file /data: old");
    FileChanged to = (FileChanged) bench().await(web, "MOVED_TO file /data: new");

    assertThat(from.cookie()).isNotZero().isEqualTo(to.cookie());
  }

  @Test
  default void anEventBearsItsTargetsOriginAndTheClocksTime() {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());

    bench().touch("/data/a");
    IntegrityEvent first = bench().await(web, "CREATE file /data: a");
    bench().settle();
    bench().clock().advance(Duration.ofHours(1));
    bench().touch("/data/b");
    IntegrityEvent second = bench().await(web, "CREATE file /data: b");

    assertThat(first.origin()).isEqualTo(bench().target().origin());
    assertThat(first.time()).isEqualTo(WatchBench.NOON);
    assertThat(second.time()).isEqualTo(WatchBench.NOON.plus(Duration.ofHours(1)));
  }
}

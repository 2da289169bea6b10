package dev.custos.agent.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardBookTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final String PLAN = "0123abcd";

  @TempDir Path state;
  private final List<String> warnings = new ArrayList<>();

  private GuardBook open(Instant now) {
    return GuardBook.open(state, Set.of(), now, "boot", warnings::add);
  }

  /** A run that is killed with a plan in force. */
  private void killedRun(Instant now) {
    try (GuardBook run = open(now)) {
      run.inForce(PLAN);
    }
  }

  private boolean isQuarantined(Instant now) {
    try (GuardBook next = open(now)) {
      return next.isQuarantined(PLAN);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(state.resolve(GuardBook.FOLDER))) {
      return files.toList();
    }
  }

  @Test
  void threeRunsThatDidNotEndInOrderHaveTheirPlanQuarantined() throws IOException {
    killedRun(NOON);
    killedRun(NOON.plusSeconds(60));
    assertThat(isQuarantined(NOON.plusSeconds(90))).isFalse();
    killedRun(NOON.plusSeconds(120));

    assertThat(isQuarantined(NOON.plusSeconds(180))).isTrue();
    assertThat(isQuarantined(NOON.plusSeconds(9000))).as("until it changes").isTrue();
    try (GuardBook next = open(NOON)) {
      assertThat(next.isQuarantined("another")).isFalse();
    }
    assertThat(files()).hasSize(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().get(0))))
        .isEqualTo("rw-------");
    assertThat(warnings).isEmpty();
  }

  @Test
  void aRunThatEndsInOrderCountsForNothingAndLeavesNothing() throws IOException {
    for (int i = 0; i < 4; i++) {
      GuardBook run = open(NOON);
      run.inForce(PLAN);
      run.end();
    }
    assertThat(files()).isEmpty();
    assertThat(isQuarantined(NOON)).isFalse();
  }

  @Test
  void whatAnEndInOrderKnewOfRunsBeforeIsKept() {
    killedRun(NOON);
    killedRun(NOON);
    open(NOON).end();
    killedRun(NOON);
    open(NOON).end();
    open(NOON).end();
    assertThat(isQuarantined(NOON)).isTrue();
  }

  @Test
  void endsThatAreLongPastCountNoMore() {
    killedRun(NOON);
    killedRun(NOON.plusSeconds(1));
    isQuarantined(NOON.plusSeconds(2));
    killedRun(NOON.plusSeconds(900));
    assertThat(isQuarantined(NOON.plusSeconds(901))).isFalse();
  }

  @Test
  void aPlanThatWasGoneIsNotBlamed() {
    for (int i = 0; i < 4; i++) {
      try (GuardBook run = open(NOON)) {
        run.inForce(PLAN);
        run.gone(PLAN);
      }
    }
    assertThat(isQuarantined(NOON)).isFalse();
  }

  @Test
  void theEndOfTheKernelIsNoPlansFault() {
    for (int i = 0; i < 4; i++) {
      try (GuardBook run = GuardBook.open(state, Set.of(), NOON, "boot" + i, warnings::add)) {
        run.inForce(PLAN);
      }
    }
    assertThat(isQuarantined(NOON)).isFalse();
  }

  @Test
  void aRunThatGoesOnIsLeftAlone() throws IOException {
    try (GuardBook other = open(NOON)) {
      other.inForce(PLAN);
      for (int i = 0; i < 4; i++) {
        assertThat(isQuarantined(NOON)).isFalse();
      }
      assertThat(files()).anyMatch(file -> other.folder().equals(file.getParent())).hasSize(2);
      other.end();
    }
  }

  @Test
  void whatTheLauncherSaysIsKeptToo() {
    GuardBook.open(state, Set.of(PLAN), NOON, "boot", warnings::add).close();
    assertThat(isQuarantined(NOON)).isTrue();
  }

  @Test
  void manyChangesOfPlansTakeNoMoreThanSomeRoom() throws IOException {
    try (GuardBook run = open(NOON)) {
      run.inForce(PLAN);
      for (int i = 0; i < 30_000; i++) {
        run.inForce("plan" + i);
        run.gone("plan" + i);
      }
      assertThat(Files.size(files().get(0))).isLessThan(2L << 20);
    }
    killedRun(NOON);
    killedRun(NOON);
    assertThat(isQuarantined(NOON)).isTrue();
    assertThat(warnings).isEmpty();
  }

  @Test
  void aDamagedFileIsSaidAndTheRestGoesOn() throws IOException {
    killedRun(NOON);
    Path file = files().get(0);
    String content = Files.readString(file);
    Files.writeString(file, content.replace(PLAN, "1123abcd"));
    killedRun(NOON);
    assertThat(warnings).singleElement().asString().contains("damaged").contains(file.toString());
    assertThat(isQuarantined(NOON)).isFalse();
    assertThat(files()).hasSize(1);
  }

  @Test
  void aLineThatAKillCutOffSaysNothing() throws IOException {
    killedRun(NOON);
    Files.writeString(files().get(0), "1234abcd pl", StandardOpenOption.APPEND);
    killedRun(NOON);
    killedRun(NOON);
    assertThat(isQuarantined(NOON)).isTrue();
    assertThat(warnings).isEmpty();
  }

  @Test
  void aFileThatOthersCanWriteIsNotBelieved() throws IOException {
    killedRun(NOON);
    killedRun(NOON);
    killedRun(NOON);
    Files.setPosixFilePermissions(files().get(0), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(isQuarantined(NOON)).isFalse();
    assertThat(warnings).singleElement().asString().contains("not believed");
  }

  @Test
  void whereNothingCanBeKeptThatIsSaidOnce() throws IOException {
    Files.writeString(state.resolve(GuardBook.FOLDER), "a file");
    try (GuardBook book = GuardBook.open(state, Set.of(PLAN), NOON, "boot", warnings::add)) {
      assertThat(book.isQuarantined(PLAN)).isTrue();
      book.inForce("other");
      book.gone("other");
      book.end();
    }
    assertThat(warnings).singleElement().asString().contains("can't be kept");
  }
}

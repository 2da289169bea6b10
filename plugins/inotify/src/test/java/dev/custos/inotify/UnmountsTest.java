package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UnmountsTest {
  private final Unmounts unmounts = new Unmounts();

  private List<FilePath> tops(String... paths) {
    for (String path : paths) {
      unmounts.add(FilePath.of(path), FilePath.of("/data"));
    }
    return unmounts.take(FilePath.of("/data"));
  }

  private static List<FilePath> paths(String... paths) {
    return Stream.of(paths).map(FilePath::of).toList();
  }

  @Test
  void onlyTheTopmostPathsRemainWhateverTheirOrder() {
    assertThat(tops("/data/m/a/b", "/data/m", "/data/m/c")).isEqualTo(paths("/data/m"));
    assertThat(tops("/data/m", "/data/m/a")).isEqualTo(paths("/data/m"));
    assertThat(tops("/a", "/")).isEqualTo(paths("/"));
    assertThat(tops("/", "/a")).isEqualTo(paths("/"));
  }

  @Test
  void pathsThatOnlyBeginAlikeAreApart() {
    assertThat(tops("/data/m", "/data/mm", "/data/n"))
        .isEqualTo(paths("/data/m", "/data/mm", "/data/n"));
  }

  @Test
  void manyPathsAreTheLossOfTheSubject() {
    String[] many =
        Stream.iterate(0, i -> i + 1).limit(100).map(i -> "/data/" + i).toArray(String[]::new);

    assertThat(tops(many)).isEqualTo(paths("/data"));
  }

  @Test
  void whatWasTakenIsGone() {
    tops("/data/m");

    assertThat(unmounts.take(FilePath.of("/data"))).isEmpty();
  }

  @Test
  void aMountPointIsToldOnceHoweverManyTurnsItTakes() {
    unmounts.changed(FilePath.of("/data/m"));

    assertThat(tops("/data/m/a/b", "/data/m/c")).isEqualTo(paths("/data/m"));
    assertThat(tops("/data/m", "/data/m/d")).isEmpty();
    unmounts.changed(FilePath.of("/data/m"));
    assertThat(tops("/data/m")).isEqualTo(paths("/data/m"));
  }

  @Test
  void amongMountPointsWithinEachOtherEachIsTold() {
    unmounts.changed(FilePath.of("/data/m"));
    unmounts.changed(FilePath.of("/data/m/in"));

    assertThat(tops("/data/m/in/x")).isEqualTo(paths("/data/m/in"));
    assertThat(tops("/data/m/y")).isEqualTo(paths("/data/m"));
  }

  @Test
  void aMountPointAboveTheSubjectIsTheLossOfTheSubject() {
    unmounts.changed(FilePath.of("/"));

    assertThat(tops("/data/in")).isEqualTo(paths("/data"));
    assertThat(tops("/data")).isEmpty();
  }
}

package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.SinkException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
  private static final Answer ANSWER =
      new Answer(
          400,
          Optional.empty(),
          Optional.empty(),
          "no\n\"way\"\u001b".getBytes(StandardCharsets.UTF_8),
          true);

  @TempDir Path parent;

  private Path directory() {
    return parent.resolve("a/dead");
  }

  private DeadLetters letters(String sink, long most) {
    return new DeadLetters(directory(), sink, most, Clock.systemUTC());
  }

  private static Optional<String> add(DeadLetters letters, List<RenderedEvent> events) {
    return letters.add(
        events, Optional.of(ANSWER), Collections.nCopies(events.size(), "because\u2028of"));
  }

  @Test
  void directoryAndFileAreForTheirOwnerAlone() throws Exception {
    assertThat(add(letters("web", 1 << 20), Sinks.events(1, 2))).isEmpty();

    assertThat(mode(directory())).isEqualTo("rwx------");
    assertThat(mode(directory().resolve("web.jsonl"))).isEqualTo("rw-------");
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aHostileEventOrAnswerIsStillOneLine() throws Exception {
    RenderedEvent event =
        Sinks.event(1, FilePath.of("a\nb\u001b[2J\u2028\"\\"), Origin.ofNode("node-1"));

    add(letters("web", 1 << 20), List.of(event));

    String line = Files.readString(directory().resolve("web.jsonl"));
    assertThat(line).endsWith("}}}\n");
    assertThat(line.strip().codePoints()).noneMatch(Printable::isInvisible);
    assertThat(Sinks.config(line).getString("event.file.name"))
        .isEqualTo("a\nb\u001b[2J\u2028\"\\");
    assertThat(Sinks.config(line).getString("answer")).isEqualTo("no\\n\"way\"\\x1b");
  }

  @Test
  void theFilesStayWithinTheirBoundAndKeepTheNewest() throws Exception {
    DeadLetters letters = letters("web", 40_000);

    for (int i = 1; i <= 300; i++) {
      assertThat(add(letters, Sinks.events(i, i))).isEmpty();
    }

    Path file = directory().resolve("web.jsonl");
    Path older = directory().resolve("web.jsonl.1");
    assertThat(Files.size(file) + Files.size(older)).isLessThanOrEqualTo(40_000);
    List<String> kept = new ArrayList<>(Files.readAllLines(older));
    kept.addAll(Files.readAllLines(file));
    assertThat(kept).hasSizeGreaterThan(20);
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(kept.size() - 1 - i)).contains("\"sequence\":" + (300 - i) + ",");
    }
    try (var files = Files.list(directory())) {
      assertThat(files).containsExactlyInAnyOrder(file, older);
    }
  }

  @Test
  void aLineThatACrashCutOffDoesNotSpoilTheNext() throws Exception {
    DeadLetters letters = letters("web", 1 << 20);
    add(letters, Sinks.events(1, 1));
    Files.writeString(
        directory().resolve("web.jsonl"), "{\"time\":\"20", StandardOpenOption.APPEND);

    add(letters, Sinks.events(2, 2));

    List<String> lines = Files.readAllLines(directory().resolve("web.jsonl"));
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).isEqualTo("{\"time\":\"20");
    assertThat(lines.get(2)).startsWith("{\"time\":").contains("\"sequence\":2,");
  }

  @Test
  void aDirectoryThatOthersCanWriteToIsRefused() throws Exception {
    Files.createDirectories(directory());
    Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> letters("web", 1 << 20).check())
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessage(
            "sink web: dead-letter.directory: "
                + directory()
                + " can be written by others; chmod 0700 it");
    assertThat(add(letters("web", 1 << 20), Sinks.events(1, 1))).isPresent();
    try (var files = Files.list(directory())) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aLinkInPlaceOfDirectoryOrFileIsNotFollowed() throws Exception {
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Files.createDirectories(parent.resolve("a"));
    Files.createSymbolicLink(directory(), elsewhere);
    assertThatThrownBy(() -> letters("web", 1 << 20).check())
        .hasMessageContaining("is no directory");
    assertThat(add(letters("web", 1 << 20), Sinks.events(1, 1))).isPresent();
    Files.delete(directory());
    add(letters("other", 1 << 20), Sinks.events(1, 1));
    Path target = Files.writeString(elsewhere.resolve("file"), "mine");
    Files.createSymbolicLink(directory().resolve("web.jsonl"), target);

    Optional<String> fault = add(letters("web", 1 << 20), Sinks.events(1, 1));

    assertThat(fault).isPresent();
    assertThat(target).hasContent("mine");
  }

  @Test
  void aSinksNameCanNotLeaveTheDirectory() throws Exception {
    add(letters("../../x/\u001b", 1 << 20), Sinks.events(1, 1));

    assertThat(directory().resolve("%2e%2e%2f%2e%2e%2fx%2f%1b.jsonl")).isRegularFile();
  }

  @Test
  void whatCanNotBeKeptIsSaidSo() throws Exception {
    Files.writeString(parent.resolve("a"), "a file where a directory should be");

    assertThat(add(letters("web", 1 << 20), Sinks.events(1, 1)))
        .hasValueSatisfying(fault -> assertThat(fault).contains(parent.resolve("a").toString()));
  }
}

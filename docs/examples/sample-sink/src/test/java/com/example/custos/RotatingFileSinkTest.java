package com.example.custos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestRenderedEvent;
import dev.custos.testkit.TestSinkContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is peculiar to this sink. */
class RotatingFileSinkTest {
  @TempDir Path directory;

  @Test
  void aFullFileMakesRoomAndTheOldestIsLetGo() throws Exception {
    // Each line is "CREATE file /data: N #N" and its end: 23 bytes, of which two fit into 50.
    try (Sink sink = open("max-size = 50, keep = 2")) {
      sink.write(events(1, 9));
    }

    assertThat(Files.readAllLines(events())).containsExactly("CREATE file /data: 9 #9");
    assertThat(Files.readAllLines(events(1))).hasSize(2).last().asString().endsWith("#8");
    assertThat(Files.readAllLines(events(2))).hasSize(2).last().asString().endsWith("#6");
    assertThat(events(3)).doesNotExist();
  }

  @Test
  void aLineThatIsLargerThanAFileIsWrittenAllTheSame() throws Exception {
    try (Sink sink = open("max-size = 1, keep = 1")) {
      sink.write(events(1, 2));
    }

    assertThat(Files.readAllLines(events())).containsExactly("CREATE file /data: 2 #2");
    assertThat(Files.readAllLines(events(1))).containsExactly("CREATE file /data: 1 #1");
  }

  @Test
  void aFileThatIsThereIsGoneOnWithOnANewLine() throws Exception {
    Files.writeString(events(), "torn");

    try (Sink sink = open("")) {
      sink.write(events(1, 1));
    }

    assertThat(Files.readAllLines(events())).containsExactly("torn", "CREATE file /data: 1 #1");
  }

  @Test
  void aDirectoryThatComesLaterIsWrittenToThen() throws Exception {
    Path later = directory.resolve("later");
    try (Sink sink =
        new RotatingFileSinkProvider()
            .open(TestSinkContext.of("path = \"" + later.resolve("events") + "\""))) {
      assertThatThrownBy(() -> sink.write(events(1, 1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining(later.toString());

      Files.createDirectory(later);
      sink.write(events(1, 1));
    }

    assertThat(later.resolve("events")).hasContent("CREATE file /data: 1 #1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keep = 1               | No configuration setting found for key 'path'",
        "path = events          | path: must begin with a slash",
        "path = /e, keep = 0    | keep: must be 1 at least",
        "path = /e, keep = many | keep",
        "path = /e, max-size = 0| max-size: must be a byte at least",
        "path = /e, size = 1    | \"size\" is no key; there are path, max-size, keep"
      })
  void whatCannotWorkIsRefusedByTheNameOfItsKey(String config, String complaint) {
    assertThatThrownBy(() -> new RotatingFileSinkProvider().open(TestSinkContext.of(config)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageContaining(complaint)
        .hasMessageContaining("sink test");
  }

  private Sink open(String config) throws SinkException {
    String path = "path = \"" + events() + "\"\n";
    return new RotatingFileSinkProvider().open(TestSinkContext.of(path + config));
  }

  private Path events() {
    return directory.resolve("events");
  }

  private Path events(int number) {
    return directory.resolve("events." + number);
  }

  private static List<RenderedEvent> events(int first, int last) {
    FileChanged.Builder event =
        FileChanged.builder(Subject.ofAgent(), Origin.ofNode("box"))
            .time(Instant.EPOCH)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"));
    return IntStream.rangeClosed(first, last)
        .<RenderedEvent>mapToObj(
            i -> TestRenderedEvent.of(event.file(FilePath.of("" + i)).build(), i))
        .toList();
  }
}

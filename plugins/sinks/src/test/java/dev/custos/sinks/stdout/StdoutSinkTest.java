package dev.custos.sinks.stdout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import dev.custos.testkit.TestRenderedEvent;
import dev.custos.testkit.TestSinkContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StdoutSinkTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void aReaderThatStandsStillCostsNeitherALineNorATornOne(String format) throws Exception {
    List<RenderedEvent> events = events(3000);
    try (Fifo pipe = new Fifo(directory);
        Sink sink = open(pipe, format)) {
      int before = writeUntilStuck(sink, events);
      assertThat(before).isBetween(1, events.size() - 1);

      // Still nobody reads: what is left is refused without a wait that has no end.
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> sink.write(events.subList(before, events.size())))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessage("stdout: the reader does not read");
      assertThat(Thread.interrupted()).isTrue();

      LineReader reader = new LineReader(pipe);
      int done = before;
      while (done < events.size()) {
        done += sink.write(events.subList(done, events.size())).done();
      }

      List<String> lines = reader.lines(events.size());
      assertThat(lines).hasSize(events.size());
      assertThat(IntStream.range(0, lines.size()))
          .allSatisfy(i -> assertThat(lines.get(i)).contains("name-" + (i + 1) + ".end"));
      assertThat(lines).allSatisfy(line -> assertThat(line).matches("^(\\{.*}|CREATE.*#\\d+)$"));
    }
  }

  /** Writes on a thread of its own, interrupts it once it waits, and tells how many were done. */
  private static int writeUntilStuck(Sink sink, List<RenderedEvent> events) throws Exception {
    CompletableFuture<WriteResult> result = new CompletableFuture<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                result.complete(sink.write(events));
              } catch (SinkException e) {
                result.completeExceptionally(e);
              }
            },
            "writer");
    writer.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> inPoll(writer));
    writer.interrupt();
    return result.get(60, TimeUnit.SECONDS).done();
  }

  private static boolean inPoll(Thread thread) {
    return List.of(thread.getStackTrace()).stream()
        .anyMatch(frame -> frame.getMethodName().equals("awaitRoom"));
  }

  @Test
  void aReaderThatIsGoneIsForGood() throws Exception {
    Fifo pipe = new Fifo(directory);
    try (Sink sink = open(pipe, "text")) {
      pipe.close();

      assertThatThrownBy(() -> sink.write(events(1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
          .hasMessage("stdout: the reader is gone");
    }
  }

  @Test
  void aLineLargerThanAPipeIsOneLine() throws Exception {
    String name = "y".repeat(300_000);
    FileChanged event =
        FileChanged.builder(Subject.ofAgent(), Origin.ofNode("box"))
            .time(Instant.EPOCH)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/" + name))
            .build();
    try (Fifo pipe = new Fifo(directory);
        Sink sink = open(pipe, "json")) {
      LineReader reader = new LineReader(pipe);
      sink.write(List.of(TestRenderedEvent.of(event, 1)));

      assertThat(reader.lines(1)).singleElement().asString().contains(name + "\"");
    }
  }

  @Test
  void aClosedStandardOutputIsToldAtTheStart() {
    StdoutSinkProvider closed = new StdoutSinkProvider(987_654);

    assertThatThrownBy(() -> closed.open(TestSinkContext.of("")))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageStartingWith("stdout: ")
        .hasMessageContaining("EBADF");
  }

  @Test
  void theRealStandardOutputIsWrittenTo() throws Exception {
    Process process = child();
    List<String> lines = process.inputReader().lines().toList();

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(lines).hasSize(500);
    assertThat(lines.get(499)).contains("name-500.end");
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aRealReaderThatLeavesEndsTheWriter() throws Exception {
    Process process = child();
    process.getInputStream().close();

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(StdoutChild.READER_GONE);
  }

  private static Process child() throws Exception {
    return new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StdoutChild.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Sink open(Fifo pipe, String format) throws SinkException {
    return new StdoutSinkProvider(pipe.descriptor()).open(TestSinkContext.of("format = " + format));
  }

  static List<RenderedEvent> events(int count) {
    List<RenderedEvent> events = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      FileChanged event =
          FileChanged.builder(Subject.ofAgent(), Origin.ofNode("box"))
              .time(Instant.EPOCH)
              .kind(ChangeKind.CREATE)
              .path(FilePath.of("/data"))
              .file(FilePath.of("name-" + i + ".end"))
              .build();
      events.add(TestRenderedEvent.of(event, i));
    }
    return events;
  }
}

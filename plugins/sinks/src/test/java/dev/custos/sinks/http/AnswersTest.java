package dev.custos.sinks.http;

import static dev.custos.sinks.http.Sinks.event;
import static dev.custos.sinks.http.Sinks.events;
import static dev.custos.sinks.http.Sinks.key;
import static dev.custos.sinks.http.TestReceiver.reset;
import static dev.custos.sinks.http.TestReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class AnswersTest {
  @TempDir Path directory;
  private TestReceiver receiver;
  private Sink sink;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
    sink = open("");
  }

  private Sink open(String more) throws SinkException {
    return Sinks.open(
        "url = \"" + receiver.url() + "\"",
        "dead-letter.directory = \"" + directory.resolve("dead") + "\"",
        more);
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
    receiver.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204})
  void everySuccessIsASuccess(int status) throws Exception {
    receiver.next(status(status));

    assertThat(sink.write(events(1, 3))).isEqualTo(WriteResult.accepted(3));
  }

  @Test
  void oneConnectionServesManyRequests() throws Exception {
    for (int i = 0; i < 20; i++) {
      sink.write(events(1, 3));
    }

    assertThat(receiver.requests()).hasSize(20);
    assertThat(receiver.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void aServerMaySayHowLongItWantsToBeLeftAlone(int status) throws Exception {
    receiver.next(status(status, "Retry-After", "7"));

    assertThat(sink.write(events(1, 3)))
        .isEqualTo(new WriteResult(0, List.of(), Optional.of(Duration.ofSeconds(7))));
  }

  @Test
  void aServerMaySayUntilWhenAndNotForLongerThanIsAllowed() throws Exception {
    String tomorrow =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            Instant.now().plus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC));
    receiver.next(status(503, "Retry-After", tomorrow), status(429, "Retry-After", "99999999999"));

    assertThat(sink.write(events(1, 1)).retryAfter()).contains(Duration.ofMinutes(5));
    assertThat(sink.write(events(1, 1)).retryAfter()).contains(Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504, 599})
  void aFaultThatMayPassIsTemporaryAndToldWithTheAnswer(int status) {
    receiver.next(status(status, "try\nlater"));

    assertThatThrownBy(() -> sink.write(events(1, 3)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessage("POST " + receiver.url() + "/: " + status + ": try\\nlater");
  }

  @Test
  void aRepeatedBatchIsTheSameRequestEvenIfTheHostHasMoreByThen() throws Exception {
    receiver.next(status(500), reset());
    assertThatThrownBy(() -> sink.write(events(5, 7))).isInstanceOf(SinkException.class);
    assertThatThrownBy(() -> sink.write(events(5, 8))).isInstanceOf(SinkException.class);

    assertThat(sink.write(events(5, 9))).isEqualTo(WriteResult.accepted(5));

    List<TestReceiver.Request> requests = receiver.requests();
    assertThat(requests)
        .extracting(r -> r.header("Idempotency-Key"))
        .containsExactly(key(5) + "..7", key(5) + "..7", key(5) + "..7", key(8) + "..9");
    assertThat(requests.get(0).body()).isEqualTo(requests.get(2).body());
  }

  @Test
  void whatCameBeforeAFaultIsNotSentAgain() throws Exception {
    sink.close();
    sink = open("max-request-events = 2");
    receiver.next(status(200), status(500));

    assertThat(sink.write(events(1, 5)).done()).isEqualTo(2);
    assertThat(sink.write(events(3, 5))).isEqualTo(WriteResult.accepted(3));

    assertThat(receiver.requests())
        .extracting(r -> r.header("Idempotency-Key"))
        .containsExactly(key(1) + "..2", key(3) + "..4", key(3) + "..4", key(5) + "..5");
  }

  @Test
  void aRefusedBatchIsRejectedAndKeptWithTheAnswer() throws Exception {
    receiver.next(status(400, "no \"such\"\r\nindex\u001b[0m"));

    WriteResult result = sink.write(events(1, 2));

    assertThat(result.done()).isEqualTo(2);
    assertThat(result.rejected())
        .extracting(WriteResult.Rejection::index, WriteResult.Rejection::reason)
        .containsExactly(
            tuple(0, "400: no \"such\"\\r\\nindex\\x1b[0m"),
            tuple(1, "400: no \"such\"\\r\\nindex\\x1b[0m"));
    List<String> letters = letters();
    assertThat(letters).hasSize(2);
    assertThat(letters.get(1))
        .startsWith("{\"time\":\"")
        .contains(
            "\",\"sink\":\"test\",\"id\":\""
                + key(2)
                + "\",\"status\":400,\"answer\":\"no \\\"such\\\"\\\\r\\\\nindex\\\\x1b[0m\","
                + "\"reason\":\"400: no \\\"such\\\"\\\\r\\\\nindex\\\\x1b[0m\","
                + "\"event\":{\"@timestamp\":\"2026-06-15T12:00:00.123456789Z\"")
        .endsWith("}}}");
  }

  @Test
  void whatCanNotBeKeptIsRejectedAllTheSameAndSaysSo() throws Exception {
    Files.writeString(directory.resolve("dead"), "a file where the directory should be");
    receiver.next(status(400, "no"));

    WriteResult result;
    try (Sink other =
        Sinks.open(
            "url = \"" + receiver.url() + "\"",
            "dead-letter.directory = \"" + directory.resolve("dead/er") + "\"")) {
      result = other.write(events(1, 1));
    }

    assertThat(result.done()).isEqualTo(1);
    assertThat(result.rejected().get(0).kept()).isFalse();
    assertThat(result.rejected().get(0).reason())
        .startsWith("400: no; not in the dead-letter file: " + directory.resolve("dead"));
  }

  @Test
  void aStatusCanBeRetriedThatWouldBeFinal() throws Exception {
    sink.close();
    sink = open("retry-statuses = [401]");
    receiver.next(status(401));

    assertThatThrownBy(() -> sink.write(events(1, 1)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse());
    assertThat(directory.resolve("dead")).doesNotExist();
  }

  @Test
  void aRedirectIsNotFollowedAndLosesNothing() throws Exception {
    try (TestReceiver other = new TestReceiver()) {
      receiver.next(status(307, "Location", other.url() + "/x\u001b"));

      assertThatThrownBy(() -> sink.write(events(1, 1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining("307, redirected to " + other.url() + "/x")
          .hasMessageContaining("put the right address into url");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void aBodyThatIsTooLargeIsSentInHalves() throws Exception {
    receiver.otherwise(
        (socket, out, end) -> {
          List<TestReceiver.Request> all = receiver.requests();
          int size = all.get(all.size() - 1).raw().length;
          status(size > 2000 ? 413 : 200).answer(socket, out, end);
        });

    assertThat(sink.write(events(1, 40))).isEqualTo(WriteResult.accepted(40));

    List<String> kept =
        receiver.requests().stream()
            .filter(r -> r.raw().length <= 2000)
            .flatMap(r -> r.body().lines())
            .toList();
    assertThat(kept).hasSize(40);
    assertThat(kept.get(39)).contains("file-40");
    assertThat(receiver.requests().stream().filter(r -> r.raw().length > 2000)).hasSizeLessThan(8);
  }

  @Test
  void aSingleEventThatIsTooLargeForTheServerIsRejectedAndTheOthersArrive() throws Exception {
    receiver.otherwise(
        (socket, out, end) -> {
          List<TestReceiver.Request> all = receiver.requests();
          int size = all.get(all.size() - 1).raw().length;
          status(size > 3000 ? 413 : 200, "too much").answer(socket, out, end);
        });

    WriteResult result = sink.write(List.of(event(1), large(2, 5000), event(3)));

    assertThat(result.done()).isEqualTo(3);
    assertThat(result.rejected())
        .containsExactly(new WriteResult.Rejection(1, "413: too much", true));
    assertThat(letters()).singleElement().asString().contains("\"status\":413");
  }

  @Test
  void aSingleEventThatIsTooLargeForTheSinkIsRejectedUnsent() throws Exception {
    sink.close();
    sink = open("max-request-bytes = 4KiB");

    WriteResult result = sink.write(List.of(event(1), large(2, 5000), event(3)));

    assertThat(result.done()).isEqualTo(3);
    assertThat(result.rejected())
        .containsExactly(
            new WriteResult.Rejection(1, "larger than max-request-bytes, 4096 bytes", true));
    assertThat(letters()).singleElement().asString().contains("xxxx");
    assertThat(receiver.requests())
        .extracting(TestReceiver.Request::body)
        .noneMatch(b -> b.contains("xxxx"));
  }

  @Test
  void requestsAreCutByBytes() throws Exception {
    sink.close();
    sink = open("max-request-bytes = 4KiB");

    assertThat(sink.write(events(1, 100))).isEqualTo(WriteResult.accepted(100));

    assertThat(receiver.requests()).hasSizeGreaterThan(5).allMatch(r -> r.raw().length <= 4096);
    assertThat(receiver.requests().stream().flatMap(r -> r.body().lines())).hasSize(100);
  }

  private static RenderedEvent large(long sequence, int size) {
    return event(sequence, FilePath.of("x".repeat(size)), Origin.ofNode("node-1"));
  }

  private List<String> letters() throws Exception {
    return Files.readAllLines(directory.resolve("dead/test.jsonl"));
  }
}

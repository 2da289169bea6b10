package dev.custos.sinks.http;

import static dev.custos.sinks.http.Sinks.events;
import static dev.custos.sinks.http.Sinks.key;
import static dev.custos.sinks.http.TestReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import dev.custos.spi.sink.WriteResult.Rejection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that take some events of a request and not others. */
@Timeout(180)
class ItemAnswersTest {
  private static final Pattern SEQUENCE = Pattern.compile("\"sequence\":(\\d+)");

  @TempDir Path directory;
  private TestReceiver receiver;
  private Sink sink;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
    sink = open("elasticsearch-bulk");
  }

  private Sink open(String encoding) throws SinkException {
    return Sinks.open(
        "url = \"" + receiver.url() + "\"",
        "encoding = " + encoding,
        "dead-letter.directory = \"" + directory.resolve("dead") + "\"");
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
    receiver.close();
  }

  /** As Elasticsearch answers, with these statuses. */
  private static TestReceiver.Behaviour items(int... statuses) {
    List<String> items = new ArrayList<>();
    for (int status : statuses) {
      String error =
          status < 400
              ? ",\"result\":\"created\",\"_shards\":{\"total\":2,\"failed\":0}"
              : ",\"error\":{\"type\":\"t_"
                  + status
                  + "\",\"reason\":\"r\\n[\\\"\","
                  + "\"caused_by\":{\"type\":\"deep\",\"reason\":[1,{\"a\":2}]}}";
      items.add("{\"create\":{\"_index\":\"i\",\"status\":" + status + error + "}}");
    }
    return status(
        200,
        "Content-Type",
        "application/json",
        "{\"took\":486,\"errors\":true,\"items\":[" + String.join(",", items) + "]}");
  }

  /** The sequence numbers in each request. */
  private List<List<Integer>> sent() {
    return receiver.requests().stream()
        .map(
            request -> {
              List<Integer> found = new ArrayList<>();
              Matcher matcher = SEQUENCE.matcher(request.body());
              while (matcher.find()) {
                found.add(Integer.parseInt(matcher.group(1)));
              }
              return List.copyOf(found);
            })
        .toList();
  }

  @Test
  void whatWasTakenBehindWhatIsWantedLaterIsNotSentAgain() throws Exception {
    receiver.next(items(201, 429, 201, 400, 503, 201), status(200, "{\"errors\":false}"));

    WriteResult first = sink.write(events(1, 6));
    assertThat(first.done()).isEqualTo(1);
    assertThat(first.rejected()).isEmpty();
    assertThat(first.retryAfter()).contains(Duration.ofSeconds(1));

    WriteResult second = sink.write(events(2, 7));
    assertThat(second.done()).isEqualTo(6);
    assertThat(second.rejected()).containsExactly(new Rejection(2, "400: t_400: r\\n[\"", true));
    assertThat(sent()).containsExactly(List.of(1, 2, 3, 4, 5, 6), List.of(2, 5, 7));
    assertThat(letters()).singleElement().asString().contains("\"id\":\"" + key(4) + "\"");
    assertThat(receiver.requests())
        .extracting(r -> r.header("Idempotency-Key"))
        .containsExactly(key(1) + "..6", key(2) + "..7/3");
  }

  @Test
  void nothingDoneAndSomeWantedLaterIsAFaultWithTheReason() {
    receiver.next(items(429, 201));

    assertThatThrownBy(() -> sink.write(events(1, 2)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessageContaining(": 429: t_429: r\\n[\"");
  }

  @Test
  void whatIsThereAlreadyIsTaken() throws Exception {
    receiver.next(items(409, 409, 201));

    assertThat(sink.write(events(1, 3))).isEqualTo(WriteResult.accepted(3));
  }

  @Test
  void refusedItemsAreRejectedAtOnceIfNothingIsWantedLater() throws Exception {
    receiver.next(items(201, 400, 404, 201));

    WriteResult result = sink.write(events(1, 4));

    assertThat(result.done()).isEqualTo(4);
    assertThat(result.retryAfter()).isEmpty();
    assertThat(result.rejected()).extracting(Rejection::index).containsExactly(1, 2);
    assertThat(letters()).hasSize(2);
  }

  @Test
  void whatTheHostGaveUpIsForgotten() throws Exception {
    receiver.next(items(429, 201, 201));
    assertThatThrownBy(() -> sink.write(events(1, 3))).isInstanceOf(SinkException.class);
    receiver.next(items(201, 201));

    assertThat(sink.write(events(2, 3))).isEqualTo(WriteResult.accepted(2));

    assertThat(sent()).containsExactly(List.of(1, 2, 3), List.of(2, 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>welcome</html>",
        "{\"errors\":true,\"items\":[]}",
        "{\"errors\":true",
        "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}}]}",
        "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{}},{\"create\":{}}]}",
        "{\"errors\":true,\"items\":[{\"create\":7}]}",
        "[[[[[[["
      })
  void anAnswerThatTellsNothingLosesNothing(String body) {
    receiver.next(status(200, body));

    assertThatThrownBy(() -> sink.write(events(1, 2)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse());
    assertThat(directory.resolve("dead")).doesNotExist();
  }

  @Test
  void splunkNamesOneEventAndTheOthersArrive() throws Exception {
    sink.close();
    sink = open("splunk-hec");
    receiver.next(
        status(400, "{\"text\":\"Invalid data format\",\"code\":6,\"invalid-event-number\":1}"),
        status(200, "{\"text\":\"Success\",\"code\":0}"));

    WriteResult result = sink.write(events(1, 3));

    assertThat(result)
        .isEqualTo(
            new WriteResult(
                3, List.of(new Rejection(1, "400: Invalid data format", true)), Optional.empty()));
    assertThat(sent()).containsExactly(List.of(1, 2, 3), List.of(1, 3));
    assertThat(letters()).singleElement().asString().contains("\"code\\\":6");
  }

  @Test
  void splunksBusyIsTemporaryAndAWrongTokenIsNot() throws Exception {
    sink.close();
    sink = open("splunk-hec");
    receiver.next(
        status(503, "{\"text\":\"Server is busy\",\"code\":9}"),
        status(200, "{\"text\":\"Queues are full\",\"code\":18}"),
        status(403, "{\"text\":\"Invalid token\",\"code\":4}"));

    assertThatThrownBy(() -> sink.write(events(1, 1))).hasMessageContaining("Server is busy");
    assertThatThrownBy(() -> sink.write(events(1, 1))).hasMessageContaining("Queues are full");
    assertThat(sink.write(events(1, 1)).rejected())
        .containsExactly(new Rejection(0, "403: {\"text\":\"Invalid token\",\"code\":4}", true));
  }

  @Test
  void lokisRefusalOfOldEventsKeepsThemWithItsReason() throws Exception {
    sink.close();
    sink = open("loki");
    String said =
        "entry with timestamp 2026-06-15 12:00:00.123456789 +0000 UTC ignored, reason: 'entry too"
            + " far behind, oldest acceptable timestamp is: 2026-06-15T13:00:00Z',\n"
            + "user 'fake', total ignored: 1 out of 2 for stream: {job=\"custos\"}";
    receiver.next(status(400, said));

    WriteResult result = sink.write(events(1, 2));

    assertThat(result.done()).isEqualTo(2);
    assertThat(result.rejected()).hasSize(2);
    assertThat(result.rejected().get(0).reason()).contains("total ignored: 1 out of 2");
    assertThat(letters()).hasSize(2).allMatch(line -> line.contains("oldest acceptable"));
  }

  private List<String> letters() throws Exception {
    return Files.readAllLines(directory.resolve("dead/test.jsonl"));
  }
}

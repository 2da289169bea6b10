package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.testkit.TestRenderedEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole requests, as the receivers' documentation shows them. */
class PresetBodiesTest {
  private static final String RUN = TestRenderedEvent.RUN;
  private static final Origin HOST = Origin.ofNode("node-1");
  private static final Origin POD =
      new Origin("node-1", "shop", "web-1", "nginx", Map.of("app", "web"));
  private static final List<RenderedEvent> EVENTS =
      List.of(
          Sinks.event(1, FilePath.of("plain"), HOST),
          Sinks.event(2, FilePath.of("a\"b\\c\nd"), POD));

  // What docs/json.md says of these two events.
  private static final String FIRST =
      "{\"@timestamp\":\"2026-06-15T12:00:00.123456789Z\",\"event\":{\"sequence\":1,\"id\":\""
          + RUN
          + "-1\",\"kind\":\"event\",\"category\":[\"file\"],\"type\":[\"creation\"],"
          + "\"action\":\"create\"},\"file\":{\"path\":\"/data/plain\",\"name\":\"plain\","
          + "\"type\":\"file\"},\"host\":{\"name\":\"node-1\"},\"ecs\":{\"version\":\"8.11.0\"},"
          + "\"custos\":{\"run\":\""
          + RUN
          + "\",\"subject\":{\"kind\":\"ArgusWatcher\",\"namespace\":\"default\","
          + "\"name\":\"web\",\"index\":0}}}";
  private static final String SECOND =
      "{\"@timestamp\":\"2026-06-15T12:00:00.123456789Z\",\"event\":{\"sequence\":2,\"id\":\""
          + RUN
          + "-2\",\"kind\":\"event\",\"category\":[\"file\"],\"type\":[\"creation\"],"
          + "\"action\":\"create\"},\"file\":{\"path\":\"/data/a\\\"b\\\\c\\nd\","
          + "\"name\":\"a\\\"b\\\\c\\nd\",\"type\":\"file\"},\"host\":{\"name\":\"node-1\"},"
          + "\"orchestrator\":{\"type\":\"kubernetes\",\"namespace\":\"shop\","
          + "\"resource\":{\"type\":\"pod\",\"name\":\"web-1\"}},"
          + "\"container\":{\"name\":\"nginx\"},\"labels\":{\"app\":\"web\"},"
          + "\"ecs\":{\"version\":\"8.11.0\"},\"custos\":{\"run\":\""
          + RUN
          + "\",\"subject\":{\"kind\":\"ArgusWatcher\",\"namespace\":\"default\","
          + "\"name\":\"web\",\"index\":0}}}";

  private TestReceiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
  }

  @AfterEach
  void stop() throws Exception {
    receiver.close();
  }

  private TestReceiver.Request posted(String... lines) throws Exception {
    String all = "url = \"" + receiver.url() + "\"\n" + String.join("\n", lines);
    try (Sink sink = Sinks.open(all)) {
      assertThat(sink.write(EVENTS).done()).isEqualTo(2);
    }
    assertThat(receiver.requests()).hasSize(1);
    return receiver.requests().get(0);
  }

  @Test
  void ndjsonIsAnObjectPerLine() throws Exception {
    TestReceiver.Request request = posted();

    assertThat(request.line()).isEqualTo("POST / HTTP/1.1");
    assertThat(request.header("Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(request.header("Idempotency-Key")).isEqualTo(RUN + "-1..2");
    assertThat(request.header("User-Agent")).isEqualTo("custos");
    assertThat(request.header("Content-Length")).isEqualTo(request.raw().length + "");
    assertThat(request.headers()).doesNotContainKeys("Upgrade", "Authorization", "Expect");
    assertThat(request.body()).isEqualTo(FIRST + "\n" + SECOND + "\n");
  }

  @Test
  void aJsonArrayIsOneValue() throws Exception {
    TestReceiver.Request request = posted("encoding = json-array", "compression = gzip");

    assertThat(request.header("Content-Type")).isEqualTo("application/json");
    assertThat(request.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(request.body()).isEqualTo("[" + FIRST + ",\n" + SECOND + "]");
  }

  /** Elasticsearch's and OpenSearch's documentation, "Bulk API": an action and a source line. */
  @Test
  void bulkCreatesDocumentsUnderTheEventsKeys() throws Exception {
    receiver.next(TestReceiver.status(200, "{\"took\":3,\"errors\":false,\"items\":[]}"));

    TestReceiver.Request request =
        posted("encoding = elasticsearch-bulk", "elasticsearch.index = logs-custos");

    assertThat(request.line())
        .isEqualTo(
            "POST /_bulk?filter_path=errors,items.*.status,items.*.error.type,"
                + "items.*.error.reason HTTP/1.1");
    assertThat(request.header("Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(request.body())
        .isEqualTo(
            "{\"create\":{\"_index\":\"logs-custos\",\"_id\":\""
                + RUN
                + "-1\"}}\n"
                + FIRST
                + "\n{\"create\":{\"_index\":\"logs-custos\",\"_id\":\""
                + RUN
                + "-2\"}}\n"
                + SECOND
                + "\n");
  }

  @Test
  void anIndexInTheAddressNeedsNoOtherAndKeepsItsQuery() throws Exception {
    receiver.next(TestReceiver.status(200, "{\"errors\":false}"));

    String url = "url = \"" + receiver.url() + "/logs-custos/_bulk?pipeline=geo\"";
    TestReceiver.Request request = posted("encoding = opensearch", url);

    assertThat(request.path()).startsWith("/logs-custos/_bulk?pipeline=geo&filter_path=errors,");
    assertThat(request.body()).startsWith("{\"create\":{\"_id\":\"" + RUN + "-1\"}}\n{\"@time");
  }

  /** Loki's documentation, "Ingest logs": a stream's labels, and values of time and line. */
  @Test
  void lokiGetsAStreamForEachSetOfLabels() throws Exception {
    receiver.next(TestReceiver.status(204));

    TestReceiver.Request request =
        posted("encoding = loki", "loki { labels { job = fim, env = \"a\\\"b\" } }");

    assertThat(request.line()).isEqualTo("POST /loki/api/v1/push HTTP/1.1");
    assertThat(request.header("Content-Type")).isEqualTo("application/json");
    assertThat(request.body())
        .isEqualTo(
            "{\"streams\":["
                + "{\"stream\":{\"env\":\"a\\\"b\",\"job\":\"fim\",\"node\":\"node-1\"},"
                + "\"values\":[[\"1781524800123456789\",\""
                + escaped(FIRST)
                + "\"]]},"
                + "{\"stream\":{\"env\":\"a\\\"b\",\"job\":\"fim\",\"namespace\":\"shop\","
                + "\"node\":\"node-1\"},"
                + "\"values\":[[\"1781524800123456789\",\""
                + escaped(SECOND)
                + "\"]]}]}");
  }

  @Test
  void aStreamOfLokiHasThePodAsALabelWhereThereIsOne() throws Exception {
    assertThat(posted("encoding = loki", "loki.fields = [node, pod, container]").body())
        .contains(
            "{\"stream\":{\"job\":\"custos\",\"node\":\"node-1\"},",
            "{\"stream\":{\"container\":\"nginx\",\"job\":\"custos\",\"node\":\"node-1\","
                + "\"pod\":\"web-1\"},");
  }

  @Test
  void lokiCanHaveTheOwnersLineInOneStream() throws Exception {
    TestReceiver.Request request =
        posted("encoding = loki", "loki { fields = [], line = text }", "headers.X-Scope-OrgID = a");

    assertThat(request.header("X-Scope-OrgID")).isEqualTo("a");
    assertThat(request.body())
        .isEqualTo(
            "{\"streams\":[{\"stream\":{\"job\":\"custos\"},\"values\":["
                + "[\"1781524800123456789\",\""
                + escaped(new String(EVENTS.get(0).line(), StandardCharsets.UTF_8))
                + "\"],[\"1781524800123456789\",\""
                + escaped(new String(EVENTS.get(1).line(), StandardCharsets.UTF_8))
                + "\"]]}]}");
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** Splunk's documentation, "Format events for HTTP Event Collector": objects in a row. */
  @Test
  void splunkGetsAnObjectWithMetadataForEachEvent() throws Exception {
    receiver.next(TestReceiver.status(200, "{\"text\":\"Success\",\"code\":0}"));

    TestReceiver.Request request =
        posted("encoding = splunk-hec", "splunk { index = main, source = fim }");

    assertThat(request.line()).isEqualTo("POST /services/collector/event HTTP/1.1");
    assertThat(request.header("Content-Type")).isEqualTo("application/json");
    String metadata =
        "{\"time\":1781524800.123,\"host\":\"node-1\",\"source\":\"fim\","
            + "\"sourcetype\":\"custos:json\",\"index\":\"main\",\"fields\":{\"custos_id\":\"";
    assertThat(request.body())
        .isEqualTo(
            metadata
                + RUN
                + "-1\"},\"event\":"
                + FIRST
                + "}\n"
                + metadata
                + RUN
                + "-2\"},\"event\":"
                + SECOND
                + "}\n");
  }
}

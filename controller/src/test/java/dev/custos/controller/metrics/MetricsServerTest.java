package dev.custos.controller.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.snapshot.ResourceKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private final AtomicLong nanos = new AtomicLong();
  private final ControllerMetrics metrics = new ControllerMetrics("1.2.3", nanos::get);
  private final List<String> notLiving = new CopyOnWriteArrayList<>();
  private final List<String> notReady = new CopyOnWriteArrayList<>();
  private MetricsServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        MetricsServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            new Health() {
              @Override
              public List<String> notLiving() {
                return notLiving;
              }

              @Override
              public List<String> notReady() {
                return notReady;
              }
            });
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void eventsOfEveryKindAreShownAsTheReferenceSystemsShowThem() throws Exception {
    tellEvents();
    assertThat(lines("/metrics"))
        .contains(
            "argus_events_total{arguswatcher=\"w\",event=\"close_write\",nodename=\"node-1\"} 7.0",
            "fim_events_total{event=\"close_write\",fimwatcher=\"w\",nodename=\"node-1\"} 7.0",
            "janus_events_total{event=\"close_write\",janusguard=\"w\",nodename=\"node-1\"} 7.0");
  }

  @Test
  void latenciesAreHistogramsInSeconds() throws Exception {
    metrics.builds().took(TimeUnit.MICROSECONDS.toNanos(700));
    metrics.builds().took(TimeUnit.MINUTES.toNanos(1));
    metrics.ackTimes().sent("n", "v1");
    metrics.ackTimes().sent("n", "v2");
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(40));
    metrics.ackTimes().answered("n", "v1");
    metrics.ackTimes().answered("n", "v2");
    metrics.ackTimes().answered("n", "v2");
    assertThat(lines("/metrics"))
        .contains(
            "custos_snapshot_build_seconds_bucket{le=\"5.0E-4\"} 0",
            "custos_snapshot_build_seconds_bucket{le=\"0.001\"} 1",
            "custos_snapshot_build_seconds_bucket{le=\"+Inf\"} 2",
            "custos_snapshot_build_seconds_count 2",
            "custos_snapshot_ack_seconds_bucket{le=\"0.025\"} 0",
            "custos_snapshot_ack_seconds_bucket{le=\"0.05\"} 1",
            "custos_snapshot_ack_seconds_count 1",
            "custos_snapshot_ack_seconds_sum 0.04");
  }

  @Test
  void whatGoesWrongIsCountedByItsCause() throws Exception {
    metrics.apiErrors().increment("patch", "409");
    metrics.snapshotsRefused().increment("agent");
    metrics.statusWrites().increment("written");
    assertThat(lines("/metrics"))
        .contains(
            "custos_api_errors_total{code=\"409\",verb=\"patch\"} 1.0",
            "custos_snapshots_refused_total{by=\"agent\"} 1.0",
            "custos_status_writes_total{result=\"written\"} 1.0",
            "custos_leader 0.0",
            "custos_agents_connected 0.0");
  }

  @Test
  void aReplicaThatCanNotGoOnSaysWhy() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    notLiving.add("Pod is not watched any more");
    assertThat(get("/healthz").statusCode()).isEqualTo(503);
    assertThat(get("/healthz").body()).isEqualTo("Pod is not watched any more\n");
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    notReady.add("the cluster is not listed yet");
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void nothingCanBeChangedAndNothingElseIsThere() throws Exception {
    HttpResponse<String> posted =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri("/metrics"))
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(posted.statusCode()).isEqualTo(405);
    assertThat(get("/secrets").statusCode()).isEqualTo(404);
  }

  /** Both ways: what is shown is described, and what is described is shown. */
  @Test
  void everyMetricIsInTheDocumentation() throws Exception {
    tellEvents();
    metrics.apiErrors().increment("patch", "409");
    metrics.snapshotsRefused().increment("agent");
    metrics.statusWrites().increment("written");
    metrics.kubernetesEvents().increment("Added", "sent");
    metrics.live(Leader::new);
    List<String> shown =
        lines("/metrics").stream()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.replaceFirst("# TYPE ([^ ]+) .*", "$1"))
            .toList();
    Matcher names =
        Pattern.compile("^\\| `([a-z_]+)", Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("../docs/controller-metrics.md")));
    List<String> described = new ArrayList<>();
    while (names.find()) {
      described.add(names.group(1));
    }
    assertThat(described).containsExactlyInAnyOrderElementsOf(shown);
  }

  private void tellEvents() {
    for (String kind : List.of("ArgusWatcher", "FimWatcher", "JanusGuard")) {
      metrics
          .events()
          .update(
              "node-1",
              "run",
              List.of(
                  new EventTotal(
                      new ResourceKey(kind, "default", "w"), "CLOSE_WRITE", 7, Instant.EPOCH, "")),
              key -> true,
              Instant.EPOCH);
    }
  }

  private static final class Leader implements ControllerMetrics.Live {
    @Override
    public boolean leads() {
      return true;
    }

    @Override
    public int agents() {
      return 2;
    }

    @Override
    public Map<String, Integer> queues() {
      return Map.of("nodes", 3);
    }

    @Override
    public long streamsRefused() {
      return 4;
    }

    @Override
    public long rowsRefused() {
      return 5;
    }

    @Override
    public long inspections() {
      return 6;
    }

    @Override
    public long inspectionsDiffering() {
      return 7;
    }
  }

  private List<String> lines(String path) throws Exception {
    HttpResponse<String> page = get(path);
    assertThat(page.statusCode()).isEqualTo(200);
    return page.body().lines().toList();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + server.port() + path);
  }
}

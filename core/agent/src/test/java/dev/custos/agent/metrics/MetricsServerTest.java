package dev.custos.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.PathState;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile AgentState state = States.of(true);
  private MetricsServer server;

  @BeforeEach
  void start() throws IOException {
    server = MetricsServer.start(loopback(0), new AgentMetrics(() -> state));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private HttpResponse<String> request(String method, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return request("GET", path);
  }

  @Test
  void metricsAreServedAsPrometheusReadsThem() throws Exception {
    HttpResponse<String> answer = get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(answer.body())
        .contains("# HELP custos_ready 1 once everything", "# TYPE custos_ready gauge");
  }

  @Test
  void readinessFollowsTheAgent() throws Exception {
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    state = States.of(false);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).isEqualTo("not ready\n");
    assertThat(get("/healthz").statusCode()).as("a start would not help").isEqualTo(200);
  }

  @Test
  void aFailedPathIsAProblemButNoReasonToStartTheAgentAnew() throws Exception {
    state = States.of(true, States.watching(PathState.State.FAILED));
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    Config status = ConfigFactory.parseString(get("/status").body());
    assertThat(status.getBoolean("healthy")).isFalse();
    assertThat(status.getStringList("problems"))
        .containsExactly("1 path that inotify should watch failed");
  }

  @Test
  void theStatusNamesPathsThatAreNotActiveTheFailedOnesFirst() throws Exception {
    state =
        States.of(
            true,
            States.watching(
                PathState.State.PENDING, PathState.State.ACTIVE, PathState.State.FAILED));
    Config status = ConfigFactory.parseString(get("/status").body());
    assertThat(status.getString("version")).isEqualTo("1.2.3");
    assertThat(status.getLong("uptimeSeconds")).isEqualTo(90);
    Config backend = status.getConfigList("backends").get(0);
    assertThat(backend.getConfigList("notActive"))
        .extracting(path -> path.getString("state") + " " + path.getString("path"))
        .containsExactly("failed /data/\\n2", "pending /data/\\n0");
    assertThat(backend.getConfigList("notActive").get(0).getString("reason"))
        .isEqualTo("because \"2\"");
  }

  @Test
  void nothingElseIsThere() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/metrics/x").statusCode()).isEqualTo(404);
    assertThat(get("/%2e%2e/etc/passwd").statusCode()).isEqualTo(404);
  }

  @Test
  void nothingCanBeChanged() throws Exception {
    for (String method : new String[] {"POST", "PUT", "DELETE"}) {
      HttpResponse<String> answer = request(method, "/metrics");
      assertThat(answer.statusCode()).as(method).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }
    assertThat(request("HEAD", "/metrics").body()).isEmpty();
  }

  @Test
  void anAddressThatIsTakenIsSaid() {
    assertThatExceptionOfType(BindException.class)
        .isThrownBy(
            () -> MetricsServer.start(loopback(server.port()), new AgentMetrics(() -> state)));
  }

  @Test
  void aFaultOfOursIsAnAnswerToo() throws Exception {
    MetricsServer broken =
        MetricsServer.start(
            loopback(0),
            new AgentMetrics(
                () -> {
                  throw new IllegalStateException("for a test");
                }));
    try (broken) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broken.port() + "/metrics"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).doesNotContain("IllegalState");
    }
  }
}

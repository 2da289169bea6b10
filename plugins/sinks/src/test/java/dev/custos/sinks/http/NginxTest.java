package dev.custos.sinks.http;

import static dev.custos.sinks.http.Sinks.events;
import static dev.custos.sinks.http.Sinks.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.sinks.tls.Certificates;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real server before the receiver: nginx passes on what it has understood. */
@Timeout(180)
class NginxTest {
  @TempDir Path directory;
  private TestReceiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
  }

  @AfterEach
  void stop() throws Exception {
    receiver.close();
  }

  private Nginx nginx(String... lines) throws Exception {
    String all =
        String.join("\n", lines)
            + "\nlocation / { proxy_pass "
            + receiver.url()
            + "; proxy_http_version 1.1; proxy_set_header Connection \"\"; }";
    return new Nginx(directory.resolve("nginx"), all);
  }

  private Sink open(String url, String... more) throws SinkException {
    return Sinks.open(
        "url = \"" + url + "\"",
        "dead-letter.directory = \"" + directory.resolve("dead") + "\"",
        // A loaded machine may need long for a handshake.
        "connect-timeout = 60s, request-timeout = 60s",
        String.join("\n", more));
  }

  private Nginx tls(Certificates certificates) throws Exception {
    return nginx(
        "listen 127.0.0.1:PORT ssl;",
        "ssl_certificate " + certificates.path("server.pem") + ";",
        "ssl_certificate_key " + certificates.path("server.key") + ";",
        "ssl_client_certificate " + certificates.path("ca.pem") + ";",
        "ssl_verify_client on;");
  }

  private Certificates certificates() throws Exception {
    return Certificates.in(directory.resolve("certificates"))
        .server("server", "DNS:localhost")
        .client("client");
  }

  private static String identity(Certificates certificates) {
    return "tls { ca = \""
        + certificates.path("ca.pem")
        + "\", certificate = \""
        + certificates.path("client.pem")
        + "\", key = \""
        + certificates.path("client.key")
        + "\" }";
  }

  @Test
  void eventsArriveOverTlsWithAClientsCertificateCompressed() throws Exception {
    Certificates certificates = certificates();
    try (Nginx nginx = tls(certificates);
        Sink sink =
            open(
                "https://localhost:" + nginx.port() + "/in",
                "compression = gzip",
                identity(certificates))) {
      for (int i = 0; i < 5; i++) {
        assertThat(sink.write(events(1000 * i + 1, 1000 * i + 1000)))
            .isEqualTo(WriteResult.accepted(1000));
      }
    }

    List<TestReceiver.Request> requests = receiver.requests();
    assertThat(requests).allMatch(r -> r.path().equals("/in"));
    assertThat(requests).allMatch(r -> "gzip".equals(r.header("Content-Encoding")));
    List<String> lines = requests.stream().flatMap(r -> r.body().lines()).toList();
    assertThat(lines).hasSize(5000);
    assertThat(lines.get(4999)).contains("\"id\":\"" + key(5000) + "\"");
  }

  @Test
  void aServerOfAnotherAuthorityGetsNothing() throws Exception {
    Certificates certificates = certificates();
    try (Nginx nginx = tls(certificates);
        Sink sink = open("https://localhost:" + nginx.port())) {
      assertThatThrownBy(() -> sink.write(events(1, 3)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining("POST https://localhost:" + nginx.port() + "/: ")
          .hasMessageContaining("certification path");
    }

    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void aServerByAnotherNameGetsNothing() throws Exception {
    Certificates certificates = certificates();
    try (Nginx nginx = tls(certificates);
        Sink sink = open("https://127.0.0.1:" + nginx.port(), identity(certificates))) {
      assertThatThrownBy(() -> sink.write(events(1, 3)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining("127.0.0.1");
    }

    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void aServersLimitForBodiesIsFoundAndKept() throws Exception {
    try (Nginx nginx = nginx("listen 127.0.0.1:PORT;", "client_max_body_size 100k;");
        Sink sink = open("http://127.0.0.1:" + nginx.port())) {
      int done = 0;
      for (int tries = 0; done < 3000; tries++) {
        assertThat(tries).as("tries that brought no end").isLessThan(50);
        done += written(sink, done + 1, 3000);
      }
    }

    List<String> lines = receiver.requests().stream().flatMap(r -> r.body().lines()).toList();
    assertThat(lines).hasSize(3000);
    assertThat(lines.get(2999)).contains("\"id\":\"" + key(3000) + "\"");
    assertThat(directory.resolve("dead")).doesNotExist();
  }

  @Test
  void whatNginxItselfRefusesIsKeptWithItsPage() throws Exception {
    try (Nginx nginx = nginx("listen 127.0.0.1:PORT;", "location /no { return 403; }");
        Sink sink = open("http://127.0.0.1:" + nginx.port() + "/no")) {
      WriteResult result = sink.write(events(1, 2));

      assertThat(result.done()).isEqualTo(2);
      assertThat(result.rejected()).hasSize(2);
      assertThat(result.rejected().get(0).reason())
          .startsWith("403: <html>\\r\\n<head><title>403 Forbidden");
    }

    assertThat(Files.readAllLines(directory.resolve("dead/test.jsonl"))).hasSize(2);
  }

  @Test
  void aServerThatDiesAndComesBackGetsEverything() throws Exception {
    try (Nginx nginx = nginx("listen 127.0.0.1:PORT;");
        Sink sink = open("http://127.0.0.1:" + nginx.port())) {
      sink.write(events(1, 10));
      nginx.kill();
      assertThatThrownBy(() -> sink.write(events(11, 20)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse());
      nginx.start();

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(SinkException.class)
          .until(() -> sink.write(events(11, 20)).done() == 10);
    }

    assertThat(receiver.requests())
        .extracting(r -> r.header("Idempotency-Key"))
        .containsExactly(key(1) + "..10", key(11) + "..20");
  }

  /** nginx may close before it has read all of a body that it refuses. */
  private static int written(Sink sink, int from, int to) {
    try {
      return sink.write(events(from, to)).done();
    } catch (SinkException e) {
      assertThat(e.isPermanent()).isFalse();
      return 0;
    }
  }
}

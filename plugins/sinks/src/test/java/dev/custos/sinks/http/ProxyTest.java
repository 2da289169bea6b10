package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.custos.sinks.tls.Certificates;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyTest {
  private static final String PASSWORD = "s3cr3t pässword";
  private static final String CHALLENGE = "Basic realm=\"proxy\"";

  @TempDir Path directory;
  private TestReceiver proxy;

  @BeforeEach
  void start() throws Exception {
    proxy = new TestReceiver();
    Files.writeString(passwordFile(), PASSWORD + "\n");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
  }

  private Path passwordFile() {
    return directory.resolve("password");
  }

  private static String basic(String password) {
    byte[] pair = ("me:" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private Sink open(String url, String... more) throws SinkException {
    return Sinks.open(
        "url = \"" + url + "\"",
        "proxy = \"http://127.0.0.1:" + proxy.port() + "\"",
        "proxy-auth { user = me, password { file = \"" + passwordFile() + "\" } }",
        String.join("\n", more));
  }

  @Test
  void aProxyIsToldWhoAsks() throws Exception {
    try (Sink sink = open("http://logs.example/in")) {
      assertThat(sink.write(Sinks.events(1, 2))).isEqualTo(WriteResult.accepted(2));
    }

    TestReceiver.Request request = proxy.requests().get(0);
    assertThat(request.line()).isEqualTo("POST http://logs.example/in HTTP/1.1");
    assertThat(request.header("Proxy-Authorization")).isEqualTo(basic(PASSWORD));
  }

  @Test
  void aTunnelIsAskedForWithThePasswordThatTheServerNeverSees() throws Exception {
    Certificates certificates =
        Certificates.in(directory.resolve("certificates")).server("server", "DNS:logs.example");
    List<Headers> received = new CopyOnWriteArrayList<>();
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificates.context("server")));
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          received.add(exchange.getRequestHeaders());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    proxy.next(tunnelTo(server.getAddress()));
    String tls = "tls.ca = \"" + certificates.path("ca.pem") + "\"";
    try (Sink sink = open("https://logs.example/in", tls)) {
      assertThat(sink.write(Sinks.events(1, 2))).isEqualTo(WriteResult.accepted(2));
    } finally {
      server.stop(0);
    }

    assertThat(proxy.requests()).hasSize(1);
    assertThat(proxy.requests().get(0).line()).isEqualTo("CONNECT logs.example:443 HTTP/1.1");
    assertThat(proxy.requests().get(0).header("Proxy-Authorization")).isEqualTo(basic(PASSWORD));
    assertThat(received).singleElement().satisfies(this::holdsNoSecret);
  }

  private void holdsNoSecret(Headers headers) {
    assertThat(headers).containsKey("Idempotency-Key").doesNotContainKey("Proxy-Authorization");
    assertThat(headers.toString()).doesNotContain(basic(PASSWORD));
  }

  /** Passes on what both say from then on. */
  private static TestReceiver.Behaviour tunnelTo(InetSocketAddress server) {
    return (socket, out, end) -> {
      try (Socket there = new Socket(server.getAddress(), server.getPort())) {
        out.write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        Thread back = new Thread(() -> pass(there, socket), "tunnel back");
        back.setDaemon(true);
        back.start();
        pass(socket, there);
        back.join();
      }
    };
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction has ended, and closed both.
    }
  }

  @ParameterizedTest
  @CsvSource({"http://logs.example/in", "https://logs.example/in"})
  void aPasswordThatAProxyRefusesHoldsEventsBackAndTellsWhose(String url) throws Exception {
    Path dead = directory.resolve("dead");
    proxy.otherwise(TestReceiver.status(407, "Proxy-Authenticate", CHALLENGE, "no"));
    try (Sink sink = open(url, "dead-letter.directory = \"" + dead + "\"")) {
      assertThatThrownBy(() -> sink.write(Sinks.events(1, 2)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining("407, the proxy 127.0.0.1:" + proxy.port())
          .hasMessageContaining("does not take this user and password: see proxy-auth")
          .hasMessageNotContaining("s3cr3t");
    }

    assertThat(dead).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"http://logs.example/in", "https://logs.example/in"})
  void aProxyThatWantsAPasswordIsToldOf(String url) throws Exception {
    proxy.otherwise(TestReceiver.status(407, "Proxy-Authenticate", CHALLENGE, "no"));
    String address = "proxy = \"http://127.0.0.1:" + proxy.port() + "\"";
    try (Sink sink = Sinks.open("url = \"" + url + "\"", address)) {
      assertThatThrownBy(() -> sink.write(Sinks.events(1, 2)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageContaining("wants a user and a password: set proxy-auth {");
    }
  }

  @Test
  void aPasswordThatIsReplacedMeanwhileIsTriedAtOnce() throws Exception {
    proxy.next(
        (socket, out, end) -> {
          Files.writeString(passwordFile(), "newer\n");
          TestReceiver.status(407, "Proxy-Authenticate", CHALLENGE, "no").answer(socket, out, end);
        });
    try (Sink sink = open("http://logs.example/in")) {
      assertThat(sink.write(Sinks.events(1, 2))).isEqualTo(WriteResult.accepted(2));
    }

    assertThat(proxy.requests())
        .extracting(request -> request.header("Proxy-Authorization"))
        .containsExactly(basic(PASSWORD), basic("newer"));
  }

  @Test
  void aServersOwn407IsARefusalLikeAnyOther() throws Exception {
    proxy.next(TestReceiver.status(407));
    String server = "url = \"http://127.0.0.1:" + proxy.port() + "\"";
    String dead = "dead-letter.directory = \"" + directory.resolve("dead") + "\"";
    try (Sink sink = Sinks.open(server, dead)) {
      WriteResult result = sink.write(Sinks.events(1, 1));

      assertThat(result.done()).isOne();
      assertThat(result.rejected()).hasSize(1);
    }
  }
}

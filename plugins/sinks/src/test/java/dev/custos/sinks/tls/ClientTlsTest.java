package dev.custos.sinks.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.sinks.config.Options;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestSinkContext;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClientTlsTest {
  @TempDir static Path folder;
  private static Certificates ours;
  private static Certificates others;

  @BeforeAll
  static void makeCertificates() throws Exception {
    ours = Certificates.in(folder.resolve("ours"));
    ours.server("server", "DNS:localhost,IP:127.0.0.1").server("elsewhere", "DNS:x.example");
    ours.client("client").client("successor");
    others = Certificates.in(folder.resolve("others"));
    others.server("server", "DNS:localhost,IP:127.0.0.1");
  }

  @Test
  void aServerUnderTheConfiguredAuthorityAndNameIsTrusted() throws Exception {
    try (TlsServer server = new TlsServer(ours, "server")) {
      assertThat(greeting(tls(""), "localhost", server)).isEqualTo("TLSv1.3 nobody");
      assertThat(greeting(tls(""), "127.0.0.1", server)).isEqualTo("TLSv1.3 nobody");
    }
  }

  @Test
  void aServerUnderAnotherAuthorityIsRefused() throws Exception {
    try (TlsServer server = new TlsServer(others, "server")) {
      ClientTls tls = tls("");

      assertThatThrownBy(() -> greeting(tls, "localhost", server))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("path");
    }
  }

  @Test
  void aServerUnderAnotherNameIsRefusedUnlessOnlyTheChainIsAskedFor() throws Exception {
    try (TlsServer server = new TlsServer(ours, "elsewhere")) {
      ClientTls full = tls("");

      assertThatThrownBy(() -> greeting(full, "localhost", server))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("localhost");
      assertThat(greeting(tls("verify = chain"), "localhost", server)).endsWith("nobody");
    }
  }

  @Test
  void aChainAloneStillHasToBeTrusted() throws Exception {
    try (TlsServer server = new TlsServer(others, "server")) {
      ClientTls tls = tls("verify = chain");

      assertThatThrownBy(() -> greeting(tls, "localhost", server))
          .isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void theClientShowsItsCertificate() throws Exception {
    ClientTls tls = tls(identity("client"));
    try (TlsServer server = new TlsServer(ours, "server")) {
      assertThat(greeting(tls, "localhost", server)).isEqualTo("TLSv1.3 CN=client.example");
    }
  }

  @Test
  void changedFilesAreInForceAtTheNextHandshake() throws Exception {
    Path ca = copy(ours.path("ca.pem"), "now-ca.pem");
    Path certificate = copy(ours.path("client.pem"), "now.pem");
    Path key = copy(ours.path("client.key"), "now.key");
    ClientTls tls =
        open("ca = \"%s\", certificate = \"%s\", key = \"%s\"".formatted(ca, certificate, key));
    try (TlsServer server = new TlsServer(ours, "server");
        TlsServer foreign = new TlsServer(others, "server", ours)) {
      assertThat(greeting(tls, "localhost", server)).endsWith("CN=client.example");

      // A certificate whose key is not there yet changes nothing.
      copy(ours.path("successor.pem"), "now.pem");
      assertThat(greeting(tls, "localhost", server)).endsWith("CN=client.example");
      copy(ours.path("successor.key"), "now.key");
      assertThat(greeting(tls, "localhost", server)).endsWith("CN=successor.example");

      copy(others.path("ca.pem"), "now-ca.pem");
      assertThat(greeting(tls, "localhost", foreign)).endsWith("CN=successor.example");
      assertThatThrownBy(() -> greeting(tls, "localhost", server))
          .isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void theLeastVersionIsKept() throws Exception {
    assertThat(tls("min-version = TLSv1.3").parameters().getProtocols()).containsExactly("TLSv1.3");
    assertThat(tls("").parameters().getProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
  }

  @Test
  void theHttpClientTakesContextAndParameters() throws Exception {
    ClientTls tls = tls(identity("client") + ", verify = chain");
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(tls.context())
            .sslParameters(tls.parameters())
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    try (TlsServer server = new TlsServer(ours, "elsewhere")) {
      URI uri = URI.create("https://localhost:" + server.port() + "/");

      // What the server says is no HTTP, so the handshake is over when the client complains.
      assertThatThrownBy(
              () ->
                  client.send(
                      HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                      HttpResponse.BodyHandlers.discarding()))
          .isNotInstanceOf(SSLHandshakeException.class)
          .hasStackTraceContaining("TLSv1.3 CN=client.example");
    }
  }

  @Test
  void keysOfEachKindAreRead() throws Exception {
    Path rsa = folder.resolve("rsa.key");
    Path ed25519 = folder.resolve("ed25519.key");
    Certificates.openssl("genpkey", "-algorithm", "RSA", "-out", rsa.toString());
    Certificates.openssl("genpkey", "-algorithm", "ED25519", "-out", ed25519.toString());

    assertThat(PemFile.read(rsa).privateKey().getAlgorithm()).isEqualTo("RSA");
    assertThat(PemFile.read(ed25519).privateKey().getAlgorithm()).isEqualTo("EdDSA");
    assertThat(PemFile.read(ours.path("ca.key")).privateKey().getAlgorithm()).isEqualTo("EC");
  }

  @Test
  void whatCanNotBeUsedIsNamedWithTheWayOut() throws Exception {
    Path sec1 = folder.resolve("sec1.key");
    Path locked = folder.resolve("locked.key");
    Path text = Files.writeString(folder.resolve("text.pem"), "no\u001b[1m certificate");
    String key = ours.path("client.key").toString();
    Certificates.openssl("ec", "-in", key, "-out", sec1.toString());
    Certificates.openssl(
        "pkcs8", "-topk8", "-in", key, "-out", locked.toString(), "-passout", "pass:x");
    String client = "certificate = \"" + ours.path("client.pem") + "\", key = ";

    refuses("ca = \"/no/such\"", "tls.ca: /no/such does not exist");
    refuses("ca = \"/dev/zero\"", "tls.ca: /dev/zero is no regular file");
    refuses("ca = \"" + text + "\"", "text.pem holds no certificate in PEM; if it is in DER");
    refuses(client + "\"" + sec1 + "\"", "sec1.key holds a key that is not in PKCS#8; convert it");
    refuses(client + "\"" + locked + "\"", "locked.key holds a key under a passphrase");
    refuses(client + "\"\"", "tls.key: certificate and key go together, and this one is missing");
    refuses(
        client + "\"" + ours.path("successor.key") + "\"",
        "successor.key is not the key of the first certificate in");
    refuses("min-version = TLSv1.1", "\"TLSv1.1\" is not known; expected TLSv1.2 or TLSv1.3");
    refuses("verfy = chain", "\"tls.verfy\" is not a key of this sink");
  }

  private static void refuses(String section, String reason) {
    assertThatThrownBy(() -> open(section))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageContaining("sink test: ")
        .hasMessageContaining(reason);
  }

  private static ClientTls tls(String more) throws SinkException {
    return open("ca = \"" + ours.path("ca.pem") + "\", " + more);
  }

  private static String identity(String name) {
    return "certificate = \"%s\", key = \"%s\""
        .formatted(ours.path(name + ".pem"), ours.path(name + ".key"));
  }

  private static ClientTls open(String section) throws SinkException {
    String defaults = "ca = \"\", certificate = \"\", key = \"\"";
    String all = "tls { " + defaults + " }\ntls { " + section + " }";
    return ClientTls.open(new Options(TestSinkContext.of(all)).section("tls"));
  }

  private static Path copy(Path from, String to) throws Exception {
    return Files.copy(from, folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
  }

  private static String greeting(ClientTls tls, String host, TlsServer server) throws Exception {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
        SSLSocket socket =
            (SSLSocket)
                tls.context().getSocketFactory().createSocket(plain, host, server.port(), true)) {
      socket.setSoTimeout(30_000);
      socket.setSSLParameters(tls.parameters());
      socket.startHandshake();
      return new String(socket.getInputStream().readAllBytes(), US_ASCII).strip();
    }
  }
}

package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.custos.controller.FakeAgent;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the server shows of itself, and to whom. */
@Timeout(120)
class ServerCertificateTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private LinkServer server;

  @BeforeEach
  void serve() throws Exception {
    server = new LinkServer(directory);
    server.pod("agent-1", "node-1");
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private String token() {
    return server.tokens.of("agent-1", Instant.now().plusSeconds(3600));
  }

  private KeyMaterial next() {
    return CertificateIssuer.server(server.authority, List.of("localhost"), Instant.now());
  }

  /** The certificate that a new connection sees. */
  private X509Certificate shown(String protocol) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("ca", server.authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("localhost", server.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setEnabledProtocols(new String[] {protocol});
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void onlyTls13IsSpoken() throws Exception {
    assertThat(shown("TLSv1.3").getSubjectX500Principal().getName())
        .isEqualTo("CN=custos-controller");
    assertThatThrownBy(() -> shown("TLSv1.2")).isInstanceOf(SSLException.class);
    FakeAgent old =
        FakeAgent.of(
            "node-1",
            LinkServer.with(token(), server.connection(server.authority.certificate(), "TLSv1.2")));
    assertThat(old.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(server.tokens.asked).hasValue(0);
  }

  @Test
  void anAgentThatTrustsAnotherAuthorityTellsItsTokenToNobody() throws Exception {
    X509Certificate other = CertificateIssuer.authority(Instant.now()).certificate();
    FakeAgent agent =
        FakeAgent.of("node-1", LinkServer.with(token(), server.connection(other, "TLSv1.3")));
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(server.tokens.asked).hasValue(0);
  }

  @Test
  void aNewCertificateIsShownToNewConnectionsAndEndsNoStream() throws Exception {
    FakeAgent agent = server.agent("node-1", token());
    agent.awaitSnapshot(s -> true);
    KeyMaterial next = next();
    server.write(next);
    await().atMost(PATIENCE).until(() -> shown("TLSv1.3").equals(next.certificate()));
    server.sessions.send(LinkServer.snapshot("node-1", "v2"));
    agent.awaitSnapshot(s -> s.version().equals("v2"));
    assertThat(server.heard).containsExactly("connected node-1");
  }

  @Test
  void aMountedSecretThatChangesIsFollowedAndEndsNoStream() throws Exception {
    server.mount(next());
    FakeAgent agent = server.agent("node-1", token());
    agent.awaitSnapshot(s -> true);
    for (int i = 0; i < 3; i++) {
      KeyMaterial next = next();
      server.mount(next);
      await().atMost(PATIENCE).until(() -> shown("TLSv1.3").equals(next.certificate()));
    }
    server.sessions.send(LinkServer.snapshot("node-1", "v2"));
    agent.awaitSnapshot(s -> s.version().equals("v2"));
    assertThat(server.heard).containsExactly("connected node-1");
  }

  @Test
  void aPairThatDoesNotMatchIsToldOnceWithItsFilesAndTheWayOut() throws Exception {
    KeyMaterial first = next();
    server.mount(first);
    await().atMost(PATIENCE).until(() -> shown("TLSv1.3").equals(first.certificate()));
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(ServerCertificate.class);
    logger.addAppender(log);
    try {
      server.mount(new KeyMaterial(next().key(), next().chain()));
      await().atMost(PATIENCE).until(() -> faults(log).size() == 1);
      assertThat(faults(log).get(0))
          .isEqualTo(
              "the old certificate stays in use: --tls-key "
                  + directory.resolve("tls.key")
                  + ": is not the key of the certificate in "
                  + directory.resolve("tls.crt")
                  + "; give both files of one pair");
      assertThat(shown("TLSv1.3")).isEqualTo(first.certificate());
      KeyMaterial next = next();
      server.mount(next);
      await().atMost(PATIENCE).until(() -> shown("TLSv1.3").equals(next.certificate()));
      assertThat(faults(log)).hasSize(1);
    } finally {
      logger.detachAppender(log);
    }
  }

  private static List<String> faults(ListAppender<ILoggingEvent> log) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.ERROR)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void aBrokenFileKeepsTheOldCertificate() throws Exception {
    X509Certificate before = shown("TLSv1.3");
    server.writeCertificate("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    assertThat(shown("TLSv1.3")).isEqualTo(before);
    // A certificate without its key, which would be shown and could prove nothing.
    server.writeCertificate(Pem.of(next().chain()));
    assertThat(shown("TLSv1.3")).isEqualTo(before);
    KeyMaterial next = next();
    server.write(next);
    await().atMost(PATIENCE).until(() -> shown("TLSv1.3").equals(next.certificate()));
  }

  @Test
  void filesThatAreOfNoUseAtTheStartAreNamed() throws Exception {
    Path certificate = directory.resolve("own.crt");
    Path key = directory.resolve("own.key");
    refused(certificate, key, "--tls-key " + key + ": is not there");
    Files.writeString(key, "nonsense");
    refused(certificate, key, "--tls-key " + key + ": holds no private key");
    Files.writeString(key, Pem.of(next().key()));
    refused(certificate, key, "--tls-cert " + certificate + ": is not there");
    Files.writeString(certificate, "");
    refused(certificate, key, "--tls-cert " + certificate + ": holds no certificate");
    Files.writeString(certificate, Pem.of(next().chain()));
    refused(
        certificate,
        key,
        "--tls-key " + key + ": is not the key of the certificate in " + certificate);
    Files.write(key, new byte[(1 << 20) + 1]);
    refused(certificate, key, "--tls-key " + key + ": is too large");
  }

  private static void refused(Path certificate, Path key, String message) {
    assertThatThrownBy(
            () ->
                ServerCertificate.open(
                    new CertificateFiles(certificate, key), Duration.ofSeconds(1)))
        .isInstanceOf(CertificateFault.class)
        .hasMessageStartingWith(message);
  }

  /** As tools write them that know nothing of PKCS #8. */
  @Test
  void keysInTheOlderFormsAreRead() throws Exception {
    for (List<String> command :
        List.of(
            List.of("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"),
            List.of("openssl", "genrsa", "-traditional", "2048"))) {
      String key = new String(run(command), StandardCharsets.US_ASCII);
      assertThat(key).containsAnyOf("BEGIN EC PRIVATE KEY", "BEGIN RSA PRIVATE KEY");
      assertThat(Pem.key(key, "here").getAlgorithm()).isIn("EC", "RSA");
    }
  }

  private static byte[] run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    byte[] said = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).isZero();
    return said;
  }
}

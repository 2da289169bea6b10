package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.protocol.v1.AgentMessage;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the agent believes, and what it tells of itself. */
@Timeout(120)
class LinkSecurityTest {
  private static final Duration PATIENCE = FakeController.PATIENCE;

  @TempDir static Path shared;
  private static TestCertificates trusted;
  private static TestCertificates foreign;

  @TempDir Path directory;
  private Path ca;
  private Path token;
  private FakeController controller;
  private ControllerLink link;
  private final RecordingLinkListener listener = new RecordingLinkListener();
  private final List<String> faults = listener.faults;

  @BeforeAll
  static void makeCertificates() throws Exception {
    trusted = new TestCertificates(shared.resolve("trusted"), "localhost");
    foreign = new TestCertificates(shared.resolve("foreign"), "localhost");
  }

  @BeforeEach
  void prepare() throws Exception {
    ca = Files.copy(trusted.ca(), directory.resolve("ca.crt"));
    token = Files.writeString(directory.resolve("token"), "first.token.x\n");
  }

  @AfterEach
  void stop() {
    if (link != null) {
      link.close();
    }
    if (controller != null) {
      controller.close();
    }
  }

  private void serve(TestCertificates certificates) throws Exception {
    controller = new FakeController(certificates.transport(0, "TLSv1.3"));
  }

  private void start(LinkSecurity security) {
    link =
        new ControllerLink(
            new LinkSettings(
                "localhost",
                controller.port(),
                "node-1",
                "1",
                FakeController.QUICK,
                Duration.ZERO,
                security),
            List.of(),
            new FakeNode(),
            new SnapshotStore(directory.resolve("state")),
            listener);
    link.start();
  }

  private LinkSecurity tls() {
    return tls(Optional.empty());
  }

  private LinkSecurity tls(Optional<String> serverName) {
    return new LinkSecurity.Tls(ca, token, serverName, Duration.ofMillis(50));
  }

  private void awaitFault(String text) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(faults).anyMatch(fault -> fault.contains(text)));
  }

  @Test
  void aControllerOfTheRightAuthorityHearsTheToken() throws Exception {
    serve(trusted);
    start(tls());
    controller.await(AgentMessage::hasHello);
    assertThat(controller.authorized).containsExactly("Bearer first.token.x");
  }

  @Test
  void aControllerOfAnotherAuthorityHearsNothing() throws Exception {
    serve(foreign);
    start(tls());
    awaitFault("UNAVAILABLE: io exception: PKIX path");
    assertThat(controller.authorized).isEmpty();
    assertThat(controller.received).isEmpty();
  }

  @Test
  void aControllerOfAnotherNameHearsNothing() throws Exception {
    serve(new TestCertificates(directory.resolve("other"), "elsewhere.example"));
    Files.copy(
        directory.resolve("other/ca.pem"), ca, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    start(tls());
    awaitFault("localhost");
    assertThat(controller.authorized).isEmpty();
  }

  @Test
  void theNameThatTheCertificateMustBeForCanBeGiven() throws Exception {
    serve(new TestCertificates(directory.resolve("other"), "elsewhere.example"));
    Files.copy(
        directory.resolve("other/ca.pem"), ca, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    start(tls(Optional.of("elsewhere.example")));
    controller.await(AgentMessage::hasHello);
  }

  @Test
  void olderTlsIsNotSpoken() throws Exception {
    controller = new FakeController(trusted.transport(0, "TLSv1.2"));
    start(tls());
    awaitFault("UNAVAILABLE");
    assertThat(controller.authorized).isEmpty();
  }

  @Test
  void anAuthorityThatIsReplacedIsTrustedFromTheNextConnectionOn() throws Exception {
    serve(foreign);
    start(tls());
    awaitFault("UNAVAILABLE: io exception: PKIX path");
    // As a mounted ConfigMap is replaced: at once, by another file.
    Path next = Files.copy(foreign.ca(), directory.resolve("next"));
    Files.move(next, ca, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    controller.await(AgentMessage::hasHello);
  }

  @Test
  void whileAuthoritiesChangeAnAgentThatHasBothKnowsServersOfEither() throws Exception {
    Files.writeString(ca, Files.readString(trusted.ca()) + Files.readString(foreign.ca()));
    serve(trusted);
    start(tls());
    controller.await(AgentMessage::hasHello);
    int port = controller.port();
    controller.close();
    controller = new FakeController(foreign.transport(port, "TLSv1.3"));
    controller.await(AgentMessage::hasHello);
    assertThat(faults).noneMatch(fault -> fault.contains("PKIX"));
  }

  @Test
  void aNewTokenGoesUpTheStreamAndIsWhatTheNextOneBeginsWith() throws Exception {
    serve(trusted);
    start(tls());
    controller.await(AgentMessage::hasHello);
    Path next = Files.writeString(directory.resolve("next"), "second.token.x");
    Files.move(next, token, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    assertThat(controller.await(AgentMessage::hasRenewal).getRenewal().getToken())
        .isEqualTo("second.token.x");
    assertThat(controller.authorized).hasSize(1);
    controller.end(Status.UNAUTHENTICATED.withDescription("go"));
    await().atMost(PATIENCE).until(() -> controller.authorized.size() == 2);
    assertThat(controller.authorized.get(1)).isEqualTo("Bearer second.token.x");
  }

  @Test
  void filesThatAreOfNoUseAreNamedAndLookedAtAgain() throws Exception {
    serve(trusted);
    Files.delete(ca);
    Files.delete(token);
    start(tls());
    awaitFault("the token (--token, custos.controller.token) " + token + ": there is no such file");
    Files.writeString(token, "two words");
    awaitFault(token + ": holds no token");
    Files.writeString(token, "first.token.x");
    awaitFault(
        "the authority's certificate (--ca, custos.controller.ca) "
            + ca
            + ": there is no such file");
    Files.writeString(ca, "nonsense");
    awaitFault(ca + ": is damaged");
    Files.writeString(ca, "");
    awaitFault(ca + ": holds no certificate");
    assertThat(faults).noneMatch(fault -> fault.contains("two words"));
    Files.copy(trusted.ca(), ca, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    controller.await(AgentMessage::hasHello);
  }

  @Test
  void inPlainTextNoTokenIsSent() throws Exception {
    controller = new FakeController(0);
    start(new LinkSecurity.PlainText());
    controller.await(AgentMessage::hasHello);
    assertThat(controller.authorized).containsExactly("");
  }

  @Test
  void aControllerThatSpeaksPlainTextHearsNoToken() throws Exception {
    controller = new FakeController(0);
    start(tls());
    awaitFault("UNAVAILABLE");
    assertThat(controller.authorized).isEmpty();
    assertThat(controller.received).isEmpty();
  }
}

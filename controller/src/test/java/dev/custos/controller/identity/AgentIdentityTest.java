package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Renewal;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets a snapshot, and who does not. */
@Timeout(120)
class AgentIdentityTest {
  @TempDir Path directory;
  private LinkServer server;

  @BeforeEach
  void serve() throws Exception {
    server = new LinkServer(directory);
    server.pod("agent-1", "node-1");
    server.pod("agent-2", "node-2");
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static Instant later() {
    return Instant.now().plusSeconds(3600);
  }

  private void assertRefused(FakeAgent agent, Status.Code code, String reason) {
    Status end = agent.awaitEnd();
    assertThat(end.getCode()).as(String.valueOf(end)).isEqualTo(code);
    assertThat(end.getDescription()).contains(reason);
    assertThat(agent.snapshots()).isEmpty();
    assertThat(server.heard).isEmpty();
  }

  @Test
  void anAgentGetsTheSnapshotOfTheNodeThatItsPodRunsOn() throws Exception {
    FakeAgent agent = server.agent("node-1", server.tokens.of("agent-1", later()));
    assertThat(agent.awaitSnapshot(s -> true)).isEqualTo(LinkServer.snapshot("node-1", "v1"));
  }

  @Test
  void withoutATokenNothingIsSaid() throws Exception {
    assertRefused(server.agent("node-1", null), Status.Code.UNAUTHENTICATED, "no token");
    assertThat(server.tokens.asked).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "system:serviceaccount:custos:default      | custos | 3600  | not of the agents'",
        "system:serviceaccount:shop:custos-agent   | custos | 3600  | not of the agents'",
        "system:serviceaccount:custos:custos-agent | vault  | 3600  | not for the audience custos",
        "system:serviceaccount:custos:custos-agent | custos | -60   | has expired",
      })
  void aTokenThatSaysItselfThatItIsNoAgentsIsNotEvenAskedAbout(
      String subject, String audience, long seconds, String reason) throws Exception {
    String token = server.tokens.claiming(subject, audience, Instant.now().plusSeconds(seconds));
    assertRefused(server.agent("node-1", token), Status.Code.UNAUTHENTICATED, reason);
    assertThat(server.tokens.asked).hasValue(0);
  }

  @Test
  void whatIsNoTokenAtAllIsRefused() throws Exception {
    for (String token : List.of("secret", "a.b", "e30.!!!.x", "e30.W10.x", "e30.e30.x")) {
      assertRefused(server.agent("node-1", token), Status.Code.UNAUTHENTICATED, "the token is");
    }
    assertThat(server.tokens.asked).hasValue(0);
  }

  @Test
  void aTokenThatTheApiServerDoesNotAcceptIsRefused() throws Exception {
    String forged = server.tokens.claiming(FakeTokens.AGENT, "custos", later());
    assertRefused(server.agent("node-1", forged), Status.Code.UNAUTHENTICATED, "no such token");
  }

  @Test
  void theApiServersWordCountsAndNotTheTokens() throws Exception {
    Map<String, List<String>> pod =
        Map.of(
            "authentication.kubernetes.io/pod-uid", List.of("uid-of-agent-1"),
            "authentication.kubernetes.io/pod-name", List.of("agent-1"));
    String other =
        server.tokens.accept(
            server.tokens.claiming(FakeTokens.AGENT, "custos", later()),
            "system:serviceaccount:custos:default",
            "custos",
            pod);
    assertRefused(server.agent("node-1", other), Status.Code.UNAUTHENTICATED, "not of the agents'");
    String audience =
        server.tokens.accept(
            server.tokens.claiming(FakeTokens.AGENT, "custos", later()),
            FakeTokens.AGENT,
            "vault",
            pod);
    assertRefused(server.agent("node-1", audience), Status.Code.UNAUTHENTICATED, "the audience");
    String unbound =
        server.tokens.accept(
            server.tokens.claiming(FakeTokens.AGENT, "custos", later()),
            FakeTokens.AGENT,
            "custos",
            Map.of());
    assertRefused(server.agent("node-1", unbound), Status.Code.UNAUTHENTICATED, "bound to a pod");
  }

  @Test
  void anAgentThatCallsItselfAnotherNodeIsRefused() throws Exception {
    assertRefused(
        server.agent("node-1", server.tokens.of("agent-2", later())),
        Status.Code.PERMISSION_DENIED,
        "hello.node: is node-1, and the token's pod runs on node-2");
  }

  @Test
  void aPodThatIsNotKnownYetIsLetInLater() throws Exception {
    String token = server.tokens.of("agent-3", later());
    assertRefused(server.agent("node-3", token), Status.Code.UNAVAILABLE, "not known here yet");
    server.pod("agent-3", null);
    assertRefused(server.agent("node-3", token), Status.Code.UNAVAILABLE, "not known here yet");
    server.pod("agent-3", "node-3");
    server.agent("node-3", token).awaitSnapshot(s -> s.node().equals("node-3"));
  }

  @Test
  void whileTheApiServerIsDownAgentsAreToldToComeAgain() throws Exception {
    server.tokens.down = true;
    String token = server.tokens.of("agent-1", later());
    assertRefused(server.agent("node-1", token), Status.Code.UNAVAILABLE, "API server");
    server.tokens.down = false;
    server.agent("node-1", token).awaitSnapshot(s -> true);
  }

  @Test
  void aPodThatIsDeletedTakesItsStreamWithIt() throws Exception {
    FakeAgent one = server.agent("node-1", server.tokens.of("agent-1", later()));
    FakeAgent two = server.agent("node-2", server.tokens.of("agent-2", later()));
    one.awaitSnapshot(s -> true);
    two.awaitSnapshot(s -> true);
    server.pods.gone("uid-of-agent-1");
    Status end = one.awaitEnd();
    assertThat(end.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(end.getDescription()).isEqualTo("the token's pod is gone");
    server.sessions.send(LinkServer.snapshot("node-2", "v2"));
    two.awaitSnapshot(s -> s.version().equals("v2"));
  }

  @Test
  void aTokenThatExpiresEndsItsStream() throws Exception {
    FakeAgent agent =
        server.agent("node-1", server.tokens.of("agent-1", Instant.now().plusSeconds(2)));
    Status end = agent.awaitEnd();
    assertThat(end.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(end.getDescription()).isEqualTo("the token has expired");
  }

  @Test
  void aNextTokenOfAnotherPodEndsTheStream() throws Exception {
    FakeAgent agent = server.agent("node-1", server.tokens.of("agent-1", later()));
    agent.awaitSnapshot(s -> true);
    renew(agent, server.tokens.of("agent-2", later()));
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void aNextTokenThatIsForgedEndsTheStream() throws Exception {
    FakeAgent agent = server.agent("node-1", server.tokens.of("agent-1", later()));
    agent.awaitSnapshot(s -> true);
    renew(agent, server.tokens.claiming(FakeTokens.AGENT, "custos", later()));
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  private static void renew(FakeAgent agent, String token) {
    agent.send(AgentMessage.newBuilder().setRenewal(Renewal.newBuilder().setToken(token)).build());
  }

  @Test
  void aFloodOfBadTokensDoesNotReachTheApiServer() throws Exception {
    Channel connection = server.connection(server.authority.certificate(), "TLSv1.3");
    for (int i = 0; i < 200; i++) {
      String token = server.tokens.claiming(FakeTokens.AGENT, "custos", later());
      FakeAgent.of("node-1", LinkServer.with(token, connection));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> server.sessions.figures().streamsRefused() == 200);
    assertThat(server.tokens.asked.get()).isBetween(1, Denials.PER_ADDRESS + TokenReviews.THREADS);
  }

  @Test
  void theSameBadTokenAgainIsNotAskedAboutAgain() throws Exception {
    String forged = server.tokens.claiming(FakeTokens.AGENT, "custos", later());
    for (int i = 0; i < 5; i++) {
      assertRefused(server.agent("node-1", forged), Status.Code.UNAUTHENTICATED, "no such token");
    }
    // Twice if the machine took longer than such a token is remembered.
    assertThat(server.tokens.asked.get()).isLessThan(5);
  }
}

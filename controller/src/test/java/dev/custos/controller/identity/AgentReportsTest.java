package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Inspected;
import dev.custos.protocol.v1.Refused;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent is believed, once it is known who it is. */
@Timeout(120)
class AgentReportsTest {
  private static final CoverageState ACTIVE = CoverageState.COVERAGE_STATE_ACTIVE;
  private static final String OWN = "containerd://of-node-1";

  @TempDir Path directory;
  private LinkServer server;
  private FakeAgent agent;

  @BeforeEach
  void connect() throws Exception {
    server = new LinkServer(directory);
    server.pod("agent-1", "node-1");
    agent = server.agent("node-1", server.tokens.of("agent-1", Instant.now().plusSeconds(3600)));
    agent.awaitSnapshot(s -> true);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void awaitHeard(String what) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(server.heard).contains(what));
  }

  @Test
  void reportsAboutTheNodesOwnTargetsAreTaken() {
    agent.applied(LinkServer.snapshot("node-1", "v1"), ACTIVE);
    agent.coverageChanged(LinkServer.snapshot("node-1", "v1"), ACTIVE);
    awaitHeard("changed node-1 v1 [" + OWN + "]");
    assertThat(server.heard).contains("applied node-1 v1 [" + OWN + "]");
    assertThat(server.sessions.figures().rowsRefused()).isZero();
  }

  @Test
  void rowsAboutOtherNodesTargetsAreDroppedAndCounted() {
    agent.applied(
        new NodeSnapshot(
            "v1",
            "node-1",
            List.of(
                LinkServer.target("containerd://of-node-2", "/etc"),
                LinkServer.target(OWN, "/etc"))),
        ACTIVE);
    awaitHeard("applied node-1 v1 [" + OWN + "]");
    assertThat(server.sessions.figures().rowsRefused()).isEqualTo(1);
  }

  @Test
  void aReportAboutASnapshotThatWasNeverSentIsPassedOver() {
    agent.applied(LinkServer.snapshot("node-1", "v0"), ACTIVE);
    agent.applied(LinkServer.snapshot("node-1", "v1"), ACTIVE);
    awaitHeard("applied node-1 v1 [" + OWN + "]");
    assertThat(server.heard).noneMatch(line -> line.contains(" v0 "));
    assertThat(server.sessions.figures().rowsRefused()).isEqualTo(1);
  }

  @Test
  void aReportAboutTheSnapshotBeforeIsStillTaken() {
    server.sessions.send(LinkServer.snapshot("node-1", "v2"));
    agent.awaitSnapshot(s -> s.version().equals("v2"));
    agent.applied(LinkServer.snapshot("node-1", "v1"), ACTIVE);
    awaitHeard("applied node-1 v1 [" + OWN + "]");
  }

  @Test
  void aReportOfMorePathsThanWereAskedForEndsTheStream() {
    String[] many = IntStream.range(0, 1000).mapToObj(i -> "/" + i).toArray(String[]::new);
    agent.applied(new NodeSnapshot("v1", "node-1", List.of(LinkServer.target(OWN, many))), ACTIVE);
    Status end = agent.awaitEnd();
    assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(end.getDescription())
        .isEqualTo("subjects: hold 1000 paths, and the snapshot asks for 1");
    assertThat(server.heard).noneMatch(line -> line.startsWith("applied"));
  }

  @Test
  void whatAnAgentRefusesAndWhatItFindsIsToldBoundedAndInOneLine() {
    agent.send(
        AgentMessage.newBuilder()
            .setRefused(Refused.newBuilder().setVersion("v1").setReason("targets[0]:\n bad"))
            .build());
    agent.send(
        AgentMessage.newBuilder()
            .setInspected(
                Inspected.newBuilder()
                    .setVersion("v1")
                    .setDigest("d")
                    .setExpected(2)
                    .setFound(1)
                    .addDifferences("x".repeat(5000)))
            .build());
    awaitHeard("refused node-1 v1 targets[0]:? bad");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.heard.stream().anyMatch(line -> line.startsWith("inspected")));
    assertThat(server.heard).allMatch(line -> line.length() < 2000);
    assertThat(server.sessions.figures().inspections()).isEqualTo(1);
    assertThat(server.sessions.figures().differences()).isEqualTo(1);
  }
}

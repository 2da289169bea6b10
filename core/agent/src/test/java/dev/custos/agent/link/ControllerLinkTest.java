package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.plugin.ProbedBackend;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Inspected;
import dev.custos.protocol.v1.PathReport;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Availability;
import dev.custos.spi.PathState;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.RecordingPublisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerLinkTest {
  private static final NodeSnapshot FIRST = Snapshots.of("v1", "/data");
  private static final NodeSnapshot SECOND = Snapshots.of("v2", "/srv");

  @TempDir Path state;
  private final FakeNode node = new FakeNode();
  private final RecordingLinkListener recorder = new RecordingLinkListener();
  private FakeController controller;
  private ControllerLink link;
  private Duration inspection = Duration.ZERO;

  @BeforeEach
  void serve() throws Exception {
    controller = new FakeController(0);
  }

  @AfterEach
  void close() {
    if (link != null) {
      link.close();
    }
    controller.close();
  }

  private void start() {
    link =
        new ControllerLink(
            new LinkSettings(
                "localhost",
                controller.port(),
                "node-1",
                "1.2.3",
                FakeController.QUICK,
                inspection,
                new LinkSecurity.PlainText()),
            List.of(
                new ProbedBackend("inotify", ProbedBackend.Role.WATCH, Availability.yes()),
                new ProbedBackend(
                    "fanotify", ProbedBackend.Role.GUARD, Availability.no("not root"))),
            node,
            new SnapshotStore(state),
            recorder);
    link.start();
  }

  private static List<PathReport> paths(AgentMessage message) {
    return message.getApplied().getSubjects(0).getPathsList();
  }

  @Test
  void helloSaysWhoAndWithWhat() {
    start();
    Hello hello = controller.await(AgentMessage::hasHello).getHello();
    assertThat(hello.getNode()).isEqualTo("node-1");
    assertThat(hello.getRunId()).matches("[0-9a-f-]{36}");
    assertThat(hello.getAgentVersion()).isEqualTo("1.2.3");
    assertThat(hello.getSnapshotVersion()).isEmpty();
    assertThat(hello.getBackendsList())
        .extracting(b -> b.getName() + " " + b.getRole() + " " + b.getAvailable() + b.getReason())
        .containsExactly(
            "inotify BACKEND_ROLE_WATCH true", "fanotify BACKEND_ROLE_GUARD falsenot root");
  }

  @Test
  void aSnapshotIsAppliedAnsweredAndStored() throws Exception {
    start();
    controller.send(
        new NodeSnapshot(
            "v1",
            "node-1",
            List.of(
                Snapshots.target(NodeSnapshot.HOST, "/data/\u00e4"),
                Snapshots.target("containerd://x", "/data"))));
    AgentMessage answer = controller.await(AgentMessage::hasApplied);
    assertThat(answer.getApplied().getVersion()).isEqualTo("v1");
    assertThat(answer.getApplied().getSubjectsList())
        .extracting(s -> s.getTargetId(), s -> s.getOwner().getName(), s -> s.getOwner().getIndex())
        .containsExactly(tuple("host", "web", 2), tuple("containerd://x", "web", 2));
    assertThat(paths(answer).get(0).getPath()).isEqualTo("/data/\u00e4");
    assertThat(paths(answer).get(0).getState()).isEqualTo(CoverageState.COVERAGE_STATE_ACTIVE);
    PathReport failed = answer.getApplied().getSubjects(1).getPaths(0);
    assertThat(failed.getState()).isEqualTo(CoverageState.COVERAGE_STATE_FAILED);
    assertThat(failed.getReason()).isEqualTo("container not resolvable");
    await()
        .atMost(FakeController.PATIENCE)
        .untilAsserted(() -> assertThat(new SnapshotStore(state).load()).isPresent());
  }

  @Test
  void theSameVersionAgainIsAnsweredAndChangesNothing() throws Exception {
    start();
    controller.send(FIRST);
    controller.await(AgentMessage::hasApplied);
    controller.send(FIRST);
    controller.awaitMessages(AgentMessage::hasApplied, 2);
    assertThat(node.applied).containsExactly(FIRST);
  }

  @Test
  void aSnapshotThatCannotBeReadIsRefusedWholeAndTheOldOneStays() throws Exception {
    start();
    controller.send(FIRST);
    controller.await(AgentMessage::hasApplied);
    controller.send(
        SnapshotCodec.encode(Snapshots.of("bad", "relative")).toBuilder()
            .addTargets(SnapshotCodec.encode(SECOND).getTargets(0))
            .build());
    AgentMessage refusal = controller.await(AgentMessage::hasRefused);
    assertThat(refusal.getRefused().getVersion()).isEqualTo("bad");
    assertThat(refusal.getRefused().getReason())
        .isEqualTo("targets[0].watches[0].paths[0]: is not an absolute path");
    controller.send(FIRST);
    controller.awaitMessages(AgentMessage::hasApplied, 2);
    assertThat(node.applied).containsExactly(FIRST);
    assertThat(new SnapshotStore(state).load()).contains(FIRST);
  }

  @Test
  void anotherNodesSnapshotIsRefused() throws Exception {
    start();
    controller.send(new NodeSnapshot("v", "node-2", FIRST.targets()));
    assertThat(controller.await(AgentMessage::hasRefused).getRefused().getReason())
        .isEqualTo("node: is node-2, and this is node-1");
    assertThat(node.applied).isEmpty();
  }

  @Test
  void theStoredSnapshotIsAppliedWithoutAController() throws Exception {
    controller.close();
    new SnapshotStore(state).save(FIRST);
    start();
    await().atMost(FakeController.PATIENCE).until(() -> recorder.heard.contains("disconnected"));
    assertThat(node.applied).containsExactly(FIRST);
    assertThat(recorder.heard).startsWith("applied v1");
  }

  @Test
  void theControllerHearsWhichSnapshotWasStored() throws Exception {
    new SnapshotStore(state).save(FIRST);
    start();
    assertThat(controller.await(AgentMessage::hasHello).getHello().getSnapshotVersion())
        .isEqualTo("v1");
    controller.send(FIRST);
    controller.await(AgentMessage::hasApplied);
    assertThat(node.applied).containsExactly(FIRST);
  }

  @Test
  void aDamagedStoreIsToldAndTheControllerIsFollowed() throws Exception {
    new SnapshotStore(state).save(FIRST);
    Path file = state.resolve(SnapshotStore.FILE);
    byte[] content = Files.readAllBytes(file);
    content[content.length - 1] ^= 1;
    Files.write(file, content);
    start();
    controller.send(SECOND);
    controller.await(AgentMessage::hasApplied);
    assertThat(node.applied).containsExactly(SECOND);
    assertThat(recorder.heard.get(0))
        .isEqualTo(
            "warned the stored snapshot is not used: "
                + file
                + " is damaged: its checksum differs");
  }

  @Test
  void anotherNodesStoredSnapshotIsNotApplied() throws Exception {
    new SnapshotStore(state).save(new NodeSnapshot("v", "node-2", FIRST.targets()));
    start();
    controller.await(AgentMessage::hasHello);
    assertThat(node.applied).isEmpty();
    assertThat(recorder.heard.get(0)).contains("node: is node-2, and this is node-1");
  }

  @Test
  void theStreamIsOpenedAgainWhenTheControllerIsBack() throws Exception {
    start();
    controller.send(FIRST);
    controller.await(AgentMessage::hasApplied);
    int port = controller.port();
    controller.close();
    await().atMost(FakeController.PATIENCE).until(() -> recorder.heard.contains("disconnected"));
    controller = new FakeController(port);
    assertThat(controller.await(AgentMessage::hasHello).getHello().getSnapshotVersion())
        .isEqualTo("v1");
    controller.send(SECOND);
    assertThat(controller.await(AgentMessage::hasApplied).getApplied().getVersion())
        .isEqualTo("v2");
    assertThat(node.applied).containsExactly(FIRST, SECOND);
  }

  @Test
  void whatChangesLaterIsToldForThatPathAlone() throws Exception {
    start();
    NodeSnapshot snapshot =
        new NodeSnapshot(
            "v1",
            "node-1",
            List.of(
                Snapshots.target(NodeSnapshot.HOST, "/data"), Snapshots.target("other", "/data")));
    controller.send(snapshot);
    controller.await(AgentMessage::hasApplied);
    node.status =
        List.of(
            new TargetStatus(
                NodeSnapshot.HOST,
                List.of(
                    PathState.pending(
                        FakeNode.subject(snapshot.targets().get(0).watches().get(0)),
                        FilePath.of("/data"),
                        "unmounted")),
                0));
    link.statusChanged();
    AgentMessage change = controller.await(AgentMessage::hasCoverageChanged);
    assertThat(change.getCoverageChanged().getVersion()).isEqualTo("v1");
    assertThat(change.getCoverageChanged().getSubjectsList()).hasSize(1);
    assertThat(change.getCoverageChanged().getSubjects(0).getPathsList())
        .containsExactly(
            PathReport.newBuilder()
                .setPath("/data")
                .setState(CoverageState.COVERAGE_STATE_PENDING)
                .setReason("unmounted")
                .build());
  }

  @Test
  void whatTheKernelHasIsToldNowAndThenWithADigestThatStaysTheSame() throws Exception {
    inspection = Duration.ofMillis(20);
    node.inspection = new KernelInspection(3, 3, List.of());
    start();
    controller.send(FIRST);
    controller.awaitMessages(AgentMessage::hasInspected, 2);
    List<Inspected> same =
        controller.received.stream()
            .filter(AgentMessage::hasInspected)
            .map(AgentMessage::getInspected)
            .toList();
    assertThat(same.get(0).getVersion()).isEqualTo("v1");
    assertThat(same.get(0).getFound()).isEqualTo(3);
    assertThat(same.get(0).getDifferencesList()).isEmpty();
    assertThat(same.get(1)).isEqualTo(same.get(0));
    node.inspection = new KernelInspection(3, 2, List.of("inotify: no watch 7"));
    Inspected other =
        controller.await(m -> m.hasInspected() && m.getInspected().getFound() == 2).getInspected();
    assertThat(other.getExpected()).isEqualTo(3);
    assertThat(other.getDifferencesList()).containsExactly("inotify: no watch 7");
    assertThat(other.getDigest()).isNotEqualTo(same.get(0).getDigest());
    assertThat(recorder.heard).contains("inspected [inotify: no watch 7]");
  }

  @Test
  void beforeASnapshotIsAppliedNothingIsCompared() throws Exception {
    inspection = Duration.ofMillis(1);
    start();
    controller.send(FIRST);
    controller.await(AgentMessage::hasInspected);
    assertThat(recorder.heard.indexOf("inspected []"))
        .isGreaterThan(recorder.heard.indexOf("applied v1"));
  }

  @Test
  void pausesStayBetweenTheShortestAndTheLongest() {
    Backoff backoff = new Backoff(LinkSettings.Patience.USUAL);
    for (int i = 0; i < 1000; i++) {
      assertThat(backoff.next()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
    backoff.reset();
    assertThat(backoff.next()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void totalsOfEventsGoUpWhenAStreamOpensAndWhenItEnds() throws Exception {
    publish("web");
    start();
    assertThat(totals(controller.await(AgentMessage::hasEventCounts)))
        .containsExactly(tuple("ArgusWatcher", "default", "web", "MODIFY", 1L));
    publish("web");
    publish("db");
    link.close();
    controller.awaitMessages(AgentMessage::hasEventCounts, 2);
    assertThat(totals(controller.received.get(controller.received.size() - 1)))
        .containsExactlyInAnyOrder(
            tuple("ArgusWatcher", "default", "web", "MODIFY", 2L),
            tuple("ArgusWatcher", "default", "db", "MODIFY", 1L));
  }

  @Test
  void totalsThatGrowAreToldNowAndThenAndOthersAreNot() throws Exception {
    publish("web");
    start();
    controller.await(AgentMessage::hasEventCounts);
    publish("db");
    controller.awaitMessages(AgentMessage::hasEventCounts, 2);
    assertThat(totals(controller.received.get(controller.received.size() - 1)))
        .containsExactly(tuple("ArgusWatcher", "default", "db", "MODIFY", 1L));
  }

  private void publish(String resource) {
    node.counts
        .counting(new RecordingPublisher())
        .publish(
            FileChanged.builder(
                    new Subject("ArgusWatcher", "default", resource, 0, Map.of()),
                    Origin.ofNode("node-1"))
                .time(Instant.EPOCH)
                .kind(ChangeKind.MODIFY)
                .path(FilePath.of("/data"))
                .build());
  }

  private static List<Tuple> totals(AgentMessage message) {
    return message.getEventCounts().getCountsList().stream()
        .map(
            c ->
                tuple(
                    c.getOwner().getKind(),
                    c.getOwner().getNamespace(),
                    c.getOwner().getName(),
                    c.getEvent(),
                    c.getTotal()))
        .toList();
  }
}

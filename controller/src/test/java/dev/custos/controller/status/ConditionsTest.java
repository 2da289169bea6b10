package dev.custos.controller.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.Condition;
import dev.custos.controller.crd.Coverage;
import dev.custos.controller.crd.Coverage.InactivePath;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.controller.status.PathStatus.PathState;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a status says, from what was reported. */
class ConditionsTest {
  private static final ResourceKey KEY = new ResourceKey("ArgusWatcher", "default", "w");

  private final ManualTime time = new ManualTime();
  private final ClusterState state = new ClusterState();
  private final SnapshotCache cache = new SnapshotCache();
  private final NodeReports reports = new NodeReports(time::nanos);

  private List<Condition> last = List.of();
  private Coverage coverage;

  @Test
  void withoutAnyPodAResourceIsReadyAndSaysWhy() {
    look(watcher(1, "", "/data"));
    assertSays(Condition.ACCEPTED, "True", "Valid", "carried out");
    assertSays(Condition.READY, "True", "NoPods", "matches no pod");
    assertSays(Condition.DEGRADED, "False", "AsExpected", "nothing");
    assertThat(coverage).isEqualTo(new Coverage(0, 0, 0, 0, List.of()));
  }

  @Test
  void aPodWithoutARunningContainerAsksForNothingYet() {
    state.put(new PlacedPod("n1", new PodOnNode("default", "p", "u", Map.of(), List.of())));
    look(watcher(1, "", "/data"));
    assertSays(Condition.READY, "True", "NoContainers", "1 pod matched");
  }

  @Test
  void pathsOfANodeWithoutAgentArePendingAndDegradeOnlyAfterAWhile() {
    pod("p", "n1");
    Assessment early = look(watcher(1, "", "/data"));
    assertThat(coverage)
        .isEqualTo(
            new Coverage(
                1,
                0,
                1,
                0,
                List.of(new InactivePath("p", "main", "/data", "agent of node n1 not connected"))));
    assertSays(Condition.READY, "False", "PathsPending", "1 pending of 1 path; first /data");
    assertSays(Condition.DEGRADED, "False", "AsExpected", "nothing");
    assertThat(early.graceLeft()).contains(Assessment.GRACE);
    time.pass(Assessment.GRACE);
    assertThat(look(watcher(1, "", "/data")).graceLeft()).isEmpty();
    assertSays(Condition.DEGRADED, "True", "AgentNotConnected", "agent of node n1");
  }

  @Test
  void onlyWhatWasReportedOfThisGenerationCounts() {
    pod("p", "n1");
    reports.connected("n1");
    look(watcher(1, "", "/data"));
    assertReasons("agent of node n1 has not reported yet");
    applied("n1", "v1", 1, subject(0, "id-p", Map.of("/data", active())));
    look(watcher(1, "", "/data"));
    assertSays(Condition.READY, "True", "AllActive", "1 path active in 1 pod");
    look(watcher(2, "", "/data"));
    assertSays(Condition.READY, "False", "PathsPending", "1 pending of 1 path");
    assertReasons("agent of node n1 has not applied generation 2 yet");
    assertThat(last).extracting(Condition::observedGeneration).containsOnly(2L);
  }

  @Test
  void aContainerThatTheReportDoesNotHoldIsPending() {
    pod("p", "n1");
    pod("q", "n1");
    reports.connected("n1");
    applied("n1", "v1", 1, subject(0, "id-p", Map.of("/data", active())));
    look(watcher(1, "", "/data"));
    assertReasons("agent of node n1 has not reported on this container yet");
    assertThat(coverage.active()).isEqualTo(1);
  }

  @Test
  void aFailedPathDegradesAndIsNamedBeforePendingOnesWhateverTheirOrder() {
    pod("a", "n1");
    pod("b", "n2");
    reports.connected("n1");
    reports.connected("n2");
    applied("n1", "v1", 1, subject(0, "id-a", Map.of("/data", pending("no such file"))));
    applied("n2", "v2", 1, subject(0, "id-b", Map.of("/data", PathStatus.failed("ENOSPC"))));
    look(watcher(1, "", "/data"));
    assertThat(coverage.notActive())
        .containsExactly(
            new InactivePath("b", "main", "/data", "ENOSPC"),
            new InactivePath("a", "main", "/data", "no such file"));
    assertSays(
        Condition.READY,
        "False",
        "PathsFailed",
        "1 failed and 1 pending of 2 paths; first /data in pod b, container main: ENOSPC");
    assertSays(Condition.DEGRADED, "True", "PathsFailed", "1 failed");
  }

  @Test
  void twentyPathsAreNamedInAStableOrderAndAllAreCounted() {
    for (int i = 39; i >= 0; i--) {
      pod("p%02d".formatted(i), "n1");
    }
    look(watcher(1, "", "/b", "/a"));
    assertThat(coverage.pending()).isEqualTo(80);
    assertThat(coverage.notActive()).hasSize(20);
    assertThat(coverage.notActive().subList(0, 3))
        .extracting(p -> p.pod() + p.path())
        .containsExactly("p00/a", "p00/b", "p01/a");
  }

  @Test
  void aPathThatASubjectNamesTwiceCountsOnceAndTwoSubjectsCountTwice() {
    pod("p", "n1");
    look(watcher(1, "", "/a", "/a"));
    assertThat(coverage.requested()).isEqualTo(1);
    look(guard(List.of("open"), List.of("open")));
    assertThat(coverage.requested()).isEqualTo(4);
  }

  @Test
  void whatOthersWroteIsEscapedAndBounded() {
    pod("p", "n1");
    reports.connected("n1");
    String path = "/x\n\u001b[31m\u202e" + "y".repeat(4000);
    applied(
        "n1",
        "v1",
        1,
        subject(0, "id-p", Map.of(path, PathStatus.failed("a\tb" + "\ud83d\ude00".repeat(5000)))));
    look(watcher(1, "", path));
    InactivePath shown = coverage.notActive().get(0);
    assertThat(shown.path()).startsWith("/x\\n\\x1b[31m\\u{202e}y").endsWith("...").hasSize(1024);
    assertThat(shown.reason()).startsWith("a\\tb").endsWith("...").hasSizeLessThanOrEqualTo(512);
    assertThat(last).allMatch(c -> c.message().length() <= Texts.LONGEST_MESSAGE);
    assertThat(shown.reason().codePoints())
        .noneMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  @Test
  void aSpecWithAFaultIsNotAcceptedAndItsFaultIsSaid() {
    pod("p", "n1");
    look(watcher(1, "spec.logFormat: \"evnt\" is no specifier", "/data"));
    for (String type : List.of(Condition.ACCEPTED, Condition.READY)) {
      assertThat(condition(type).status()).isEqualTo("False");
      assertThat(condition(type).message()).contains("spec.logFormat", "evnt");
    }
    assertSays(Condition.DEGRADED, "True", "InvalidSpec", "nothing is carried out");
    assertThat(coverage.requested()).isZero();
  }

  @Test
  void aGuardsEventsWithoutAPermissionEventAreNamedWhileTheRestIsAccepted() {
    look(guard(List.of("open", "modify", "create"), List.of("open")));
    assertSays(
        Condition.ACCEPTED, "True", "EventsLeftOut", "spec.subjects[0].events: modify, create");
    look(guard(List.of("open"), List.of("all", "execute", "access")));
    assertSays(Condition.ACCEPTED, "True", "Valid", "");
  }

  @Test
  void aRefusedSnapshotFailsWhatIsNotInForceAndNothingElse() {
    pod("p", "n1");
    reports.connected("n1");
    applied("n1", "v1", 1, subject(0, "id-p", Map.of("/data", active())));
    reports.faulty("n1", "v2", new NodeFault(NodeFault.Kind.REFUSED, "targets[0].id: missing"));
    look(watcher(1, "", "/data"));
    assertSays(Condition.DEGRADED, "False", "AsExpected", "");
    pod("q", "n1");
    look(watcher(1, "", "/data"));
    assertSays(Condition.DEGRADED, "True", "SnapshotRefused", "node n1 refuses its snapshot");
    assertSays(Condition.READY, "False", "PathsFailed", "targets[0].id: missing");
    reports.faulty("n1", "v3", new NodeFault(NodeFault.Kind.TOO_LARGE, "9 bytes are more than 8"));
    look(watcher(1, "", "/data"));
    assertSays(Condition.DEGRADED, "True", "SnapshotTooLarge", "9 bytes are more than 8");
    assertThat(reports.wanted("n1", "v3")).isFalse();
    assertThat(reports.wanted("n1", "v1")).isTrue();
    look(watcher(1, "", "/data"));
    assertSays(Condition.DEGRADED, "False", "AsExpected", "");
  }

  @Test
  void aConditionsTimeIsThatOfItsLastChangeOfStatus() {
    pod("p", "n1");
    look(watcher(1, "", "/data"));
    String first = condition(Condition.READY).lastTransitionTime();
    assertThat(first).isEqualTo("2026-01-01T00:00:00Z");
    time.pass(Duration.ofMillis(5600));
    reports.connected("n1");
    look(watcher(2, "", "/data"));
    assertThat(condition(Condition.READY).message()).contains("has not reported yet");
    assertThat(last).extracting(Condition::lastTransitionTime).containsOnly(first);
    applied("n1", "v1", 2, subject(0, "id-p", Map.of("/data", active())));
    look(watcher(2, "", "/data"));
    assertThat(condition(Condition.READY).lastTransitionTime()).isEqualTo("2026-01-01T00:00:05Z");
    assertThat(condition(Condition.ACCEPTED).lastTransitionTime()).isEqualTo(first);
  }

  @Test
  void othersConditionsAreLeftAlone() {
    Condition foreign =
        new Condition("Reviewed", "True", 1, "2025-01-01T00:00:00Z", "ByHand", "looks good");
    last = List.of(foreign);
    look(watcher(1, "", "/data"));
    assertThat(last).hasSize(4).endsWith(foreign);
  }

  private void assertSays(String type, String status, String reason, String text) {
    assertThat(condition(type))
        .satisfies(
            c -> {
              assertThat(c.status()).isEqualTo(status);
              assertThat(c.reason()).isEqualTo(reason);
              assertThat(c.message()).contains(text);
            });
  }

  private void assertReasons(String... reasons) {
    assertThat(coverage.notActive()).extracting(InactivePath::reason).containsExactly(reasons);
  }

  private Condition condition(String type) {
    return Conditions.find(last, type).orElseThrow();
  }

  private Assessment look(DesiredResource resource) {
    state.put(resource);
    Assessment assessment = Assessment.of(resource, state, cache, reports);
    coverage = assessment.coverage();
    last = Conditions.of(resource, assessment, last, time.now());
    return assessment;
  }

  private void pod(String name, String node) {
    state.put(
        new PlacedPod(
            node,
            new PodOnNode(
                "default",
                name,
                "uid-" + name,
                Map.of(),
                List.of(new ContainerOnNode("main", "id-" + name)))));
  }

  private void applied(String node, String version, long generation, ReportedSubject... subjects) {
    cache.put(new NodeSnapshot(version, node, List.of()), Map.of(KEY, generation));
    reports.applied(node, version, List.of(subjects));
  }

  private static ReportedSubject subject(
      int index, String container, Map<String, PathStatus> paths) {
    return new ReportedSubject(KEY, index, container, new LinkedHashMap<>(paths));
  }

  private static PathStatus active() {
    return PathStatus.of(PathState.ACTIVE, "");
  }

  private static PathStatus pending(String reason) {
    return PathStatus.of(PathState.PENDING, reason);
  }

  private static DesiredResource watcher(long generation, String fault, String... paths) {
    WatcherSpec spec =
        new WatcherSpec(
            new LabelSelector(Map.of(), List.of()),
            null,
            List.of(
                new WatcherSpec.Subject(
                    List.of(paths), List.of("modify"), null, false, false, 0, false, null)));
    return new DesiredResource(
        new Manifest.Watcher("ArgusWatcher", "default", "w", spec), "u1", generation, fault);
  }

  @SafeVarargs
  private static DesiredResource guard(List<String>... events) {
    List<GuardSpec.Subject> subjects = new ArrayList<>();
    for (List<String> words : events) {
      subjects.add(
          new GuardSpec.Subject(
              List.of("/a", "/b"),
              List.of("/b"),
              words,
              false,
              false,
              false,
              false,
              false,
              0,
              null,
              null,
              null));
    }
    GuardSpec spec =
        new GuardSpec(new LabelSelector(Map.of(), List.of()), null, null, null, subjects);
    return new DesiredResource(new Manifest.Guard("JanusGuard", "default", "g", spec), "u2", 1, "");
  }
}

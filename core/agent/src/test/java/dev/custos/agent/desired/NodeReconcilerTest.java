package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.container.HostTargetOpener;
import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.Opening;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.pipeline.LineFormats;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import dev.custos.testkit.ManualClock;
import dev.custos.testkit.RecordingPublisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeReconcilerTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

  private final FakeBackends backends = new FakeBackends();
  private final OwnerFormats formats = new OwnerFormats();
  private final KeepingOpener opener = new KeepingOpener();
  private final NodeReconciler node =
      new NodeReconciler(
          opener,
          formats,
          new BackendReconciler<>(
              "fake",
              PlanKind.WATCH,
              backends,
              new RecordingPublisher(),
              new SilentListener(),
              ManualClock.at(START),
              new ManualAlarm(),
              Duration.ofSeconds(30)),
          null,
          GuardWarden.NONE,
          new SilentListener(),
          ManualClock.at(START),
          new ManualAlarm());

  @AfterEach
  void close() {
    node.close();
  }

  /** The real one, which remembers what it opened. */
  private static final class KeepingOpener implements TargetOpener {
    final List<OpenedTarget> opened = new ArrayList<>();

    @Override
    public Map<String, Opening> open(Collection<NodeSnapshot.Target> targets, String name) {
      Map<String, Opening> openings = new HostTargetOpener().open(targets, name);
      for (Opening opening : openings.values()) {
        if (opening instanceof Opening.Opened one) {
          opened.add(one.target());
        }
      }
      return openings;
    }
  }

  private static final class SilentListener implements StatusListener {
    @Override
    public void changed(String target, PathState state, boolean whileApplying) {}

    @Override
    public void targetEnded(Target target) {}

    @Override
    public void targetBack(Target target) {}

    @Override
    public void backendDied(String backend, String reason) {}

    @Override
    public void backendBack(String backend) {}
  }

  private static NodeSnapshot.Target target(String id, String format) {
    return new NodeSnapshot.Target(
        id,
        "shop",
        "web-0",
        "uid",
        "nginx",
        Map.of("app", "web"),
        List.of(
            new NodeSnapshot.WatchSubject(
                new NodeSnapshot.Owner("ArgusWatcher", "shop", "web", 2),
                format,
                Map.of("env", "prod"),
                List.of("/a", "/b"),
                Set.of(WatchEvents.Change.MODIFY, WatchEvents.Change.CLOSE_WRITE),
                List.of(".git"),
                true,
                true,
                3,
                true)),
        List.of());
  }

  private static NodeSnapshot snapshot(NodeSnapshot.Target... targets) {
    return new NodeSnapshot("v", "node-1", List.of(targets));
  }

  private List<TargetStatus> apply(NodeSnapshot snapshot) throws InterruptedException {
    NodeOutcome outcome = node.apply(snapshot);
    assertThat(outcome.await(TimeUnit.SECONDS.toNanos(10))).isTrue();
    return outcome.statuses();
  }

  @Test
  void aSubjectBecomesAWatchForEachOfItsPathsWithAllThatItAsksFor() throws Exception {
    apply(snapshot(target(NodeSnapshot.HOST, "{event}")));
    WatchPlan plan = backends.opened.get(0).applied.get(0);
    assertThat(plan.watches()).extracting(w -> w.path().toString()).containsExactly("/a", "/b");
    Watch watch = plan.watches().get(1);
    assertThat(watch.subject().toString()).isEqualTo("ArgusWatcher shop/web: spec.subjects[2]");
    assertThat(watch.subject().tags()).isEqualTo(Map.of("env", "prod"));
    assertThat(watch.subject()).isSameAs(plan.watches().get(0).subject());
    assertThat(watch.kinds()).isEqualTo(Set.of(ChangeKind.MODIFY, ChangeKind.CLOSE_WRITE));
    assertThat(watch.recursive()).isTrue();
    assertThat(watch.maxDepth()).isEqualTo(3);
    assertThat(watch.ignore()).containsExactly(".git");
    assertThat(watch.onlyDir()).isTrue();
    assertThat(watch.followMove()).isTrue();
    Target target = plan.target();
    assertThat(target.origin().pod()).isEqualTo("web-0");
    assertThat(target.origin().node()).isEqualTo("node-1");
    assertThat(target.rootFd()).isNotNegative();
  }

  @Test
  void theOwnersTemplateIsInForceBeforeTheFirstEventCanCome() throws Exception {
    LineFormats.Renderer renderer = formats.renderer();
    List<String> lines = new ArrayList<>();
    backends.behaviour =
        plan -> {
          FileChanged event =
              FileChanged.builder(plan.watches().get(0).subject(), plan.target().origin())
                  .time(START)
                  .kind(ChangeKind.MODIFY)
                  .path(FilePath.of("/a"))
                  .build();
          lines.add(new String(renderer.line(event, 1), StandardCharsets.UTF_8));
          return FakeBackends.allActive(plan);
        };
    apply(snapshot(target(NodeSnapshot.HOST, "mine {event} {tags}")));
    assertThat(lines).containsExactly("mine MODIFY env=prod");
  }

  @Test
  void aContainerOnAHostIsReportedAndHoldsUpNothing() throws Exception {
    List<TargetStatus> statuses =
        apply(snapshot(target("cafe", "{event}"), target(NodeSnapshot.HOST, "{event}")));
    assertThat(statuses)
        .filteredOn(status -> status.target().equals("cafe") && !status.paths().isEmpty())
        .singleElement()
        .satisfies(
            status ->
                assertThat(status.paths())
                    .hasSize(2)
                    .allSatisfy(
                        path -> {
                          assertThat(path.state()).isEqualTo(PathState.State.FAILED);
                          assertThat(path.reason()).contains("cafe is not resolvable here");
                        }));
    assertThat(statuses).anyMatch(status -> status.kernelObjects() == 2);
  }

  @Test
  void aTargetThatIsGoneIsLetGoOfAndItsRootClosed() throws Exception {
    apply(snapshot(target(NodeSnapshot.HOST, "{event}")));
    assertThat(opener.opened.get(0).root().isOpen()).isTrue();
    apply(snapshot(target(NodeSnapshot.HOST, "{event} {path}")));
    assertThat(opener.opened).hasSize(1);
    apply(snapshot());
    await().atMost(Duration.ofSeconds(60)).until(() -> !opener.opened.get(0).root().isOpen());
    assertThat(backends.opened.get(0).applied.get(2).watches()).isEmpty();
    assertThat(node.status()).isEmpty();
  }

  @Test
  void closingClosesTheRoots() throws Exception {
    apply(snapshot(target(NodeSnapshot.HOST, "{event}")));
    node.close();
    assertThat(opener.opened.get(0).root().isOpen()).isFalse();
    assertThat(backends.opened.get(0).closed).isTrue();
  }
}

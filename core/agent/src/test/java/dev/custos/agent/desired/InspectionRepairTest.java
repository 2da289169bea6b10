package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import dev.custos.testkit.ManualClock;
import dev.custos.testkit.RecordingPublisher;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a kernel that has something else than it should. */
class InspectionRepairTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Subject SUBJECT = new Subject("ArgusWatcher", "", "web", 0, Map.of());

  private final FakeBackends backends = new FakeBackends();
  private final RecordingPublisher events = new RecordingPublisher();
  private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-31T12:00:00Z"));
  private final ManualAlarm alarm = new ManualAlarm();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final BackendReconciler<WatchPlan> reconciler =
      new BackendReconciler<>(
          "inotify",
          PlanKind.WATCH,
          backends,
          events,
          new StatusListener() {
            @Override
            public void changed(String target, PathState state, boolean whileApplying) {}

            @Override
            public void backendDied(String backend, String reason) {
              said.add(reason);
            }

            @Override
            public void targetBack(Target target) {}

            @Override
            public void targetEnded(Target target) {}

            @Override
            public void backendBack(String backend) {
              said.add("back");
            }
          },
          clock,
          alarm,
          Duration.ofSeconds(30));
  private final NodeInspector inspector = new NodeInspector(List.of(reconciler.inspector()));

  @AfterEach
  void close() {
    reconciler.close();
  }

  private static WatchPlan plan(String target) {
    return new WatchPlan(
        new Target(
            target,
            Origin.ofNode("node-1"),
            7,
            OptionalInt.empty(),
            OptionalLong.empty(),
            Path.of("/proc/self/mountinfo")),
        List.of(
            new Watch(
                SUBJECT,
                FilePath.of("/data/" + target),
                Set.of(ChangeKind.MODIFY),
                false,
                0,
                List.of(),
                false,
                false)));
  }

  private List<WatchPlan> applied(String target) {
    return backends.opened.get(0).applied.stream()
        .filter(plan -> plan.target().id().equals(target))
        .toList();
  }

  @Test
  void aTargetThatLostAWatchIsGivenItsPlanAnewAndNoOtherNoticesAnything() throws Exception {
    reconciler.submit(plan("a")).get(30, TimeUnit.SECONDS);
    reconciler.submit(plan("b")).get(30, TimeUnit.SECONDS);
    assertThat(inspector.inspect().matches()).isTrue();
    Instant sound = clock.instant();
    clock.advance(Duration.ofMinutes(10));

    backends.opened.get(0).inspection = Inspection.of("a", 1, 0, List.of("no watch 7"));
    KernelInspection found = inspector.inspect();

    assertThat(found.matches()).isFalse();
    assertThat(found.differences()).containsExactly("inotify: a: no watch 7");
    await().atMost(PATIENCE).until(() -> !events.events().isEmpty());
    WatchPlan empty = new WatchPlan(plan("a").target(), List.of());
    assertThat(applied("a")).containsExactly(plan("a"), empty, plan("a"));
    assertThat(applied("b")).containsExactly(plan("b"));
    assertThat(backends.opened).singleElement().matches(backend -> !backend.closed);
    assertThat(said).isEmpty();
    assertThat(events.events())
        .singleElement()
        .isInstanceOfSatisfying(
            EventsLost.class,
            lost -> {
              assertThat(lost.reason()).isEqualTo(LossReason.BACKEND_RESTARTED);
              assertThat(lost.path()).isEqualTo(FilePath.of("/data/a"));
              assertThat(lost.from()).isEqualTo(sound);
              assertThat(lost.to()).isEqualTo(clock.instant());
              assertThat(lost.detail())
                  .isEqualTo("inotify had other kernel objects than it should: no watch 7");
            });
    assertThat(reconciler.inspector().differences()).isEqualTo(1);
    assertThat(reconciler.status())
        .allSatisfy(
            status ->
                assertThat(status.paths())
                    .allMatch(path -> path.state() == PathState.State.ACTIVE));
  }

  @Test
  void aTargetWhoseBackendIsDeadIsPutRightByTheNextOne() throws Exception {
    reconciler.submit(plan("a")).get(30, TimeUnit.SECONDS);
    backends.opened.get(0).inspection = Inspection.of("a", 1, 0, List.of("no watch 7"));
    backends.behaviour =
        plan -> {
          backends.behaviour = FakeBackends::allActive;
          throw new BackendException("the reader thread has ended");
        };
    inspector.inspect();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              // Whatever pause there is before a backend is opened again.
              alarm.advance(Duration.ofMinutes(1));
              return said.contains("back");
            });
    await().atMost(PATIENCE).until(() -> !events.events().isEmpty());
    assertThat(backends.opened.get(1).applied).containsExactly(plan("a"));
  }

  @Test
  void whatIsAsItShouldBeCostsNoBackendAnything() throws Exception {
    reconciler.submit(plan("a")).get(30, TimeUnit.SECONDS);
    backends.opened.get(0).inspection = Inspection.of("a", 1, 1, List.of());
    KernelInspection first = inspector.inspect();
    assertThat(first.matches()).isTrue();
    assertThat(inspector.inspect().digest()).isEqualTo(first.digest());
    assertThat(backends.opened).hasSize(1);
    assertThat(said).isEmpty();
  }
}

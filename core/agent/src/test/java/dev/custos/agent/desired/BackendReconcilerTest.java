package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackendReconcilerTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Subject SUBJECT = new Subject("ArgusWatcher", "", "web", 0, Map.of());

  private final FakeBackends backends = new FakeBackends();
  private final RecordingPublisher events = new RecordingPublisher();
  private final ManualClock clock = ManualClock.at(START);
  private final ManualAlarm alarm = new ManualAlarm();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final List<CountDownLatch> latches = new ArrayList<>();
  private final BackendReconciler<WatchPlan> reconciler =
      new BackendReconciler<>(
          "fake", PlanKind.WATCH, backends, events, new Listener(), clock, alarm, DEADLINE);

  @AfterEach
  void close() {
    latches.forEach(CountDownLatch::countDown);
    reconciler.close();
  }

  private final class Listener implements StatusListener {
    @Override
    public void changed(String target, PathState state, boolean whileApplying) {
      said.add(target + " " + state.path() + " " + state.state() + (whileApplying ? " ..." : ""));
    }

    @Override
    public void targetEnded(Target target) {}

    @Override
    public void targetBack(Target target) {}

    @Override
    public void backendDied(String backend, String reason) {
      said.add("died " + reason);
    }

    @Override
    public void backendBack(String backend) {
      said.add("back");
    }
  }

  private static Target target(String id) {
    return new Target(
        id,
        Origin.ofNode("node-1"),
        7,
        OptionalInt.empty(),
        OptionalLong.empty(),
        Path.of("/proc/self/mountinfo"));
  }

  private static WatchPlan plan(String target, String... paths) {
    List<Watch> watches = new ArrayList<>();
    for (String path : paths) {
      watches.add(
          new Watch(
              SUBJECT,
              FilePath.of(path),
              Set.of(ChangeKind.MODIFY),
              false,
              0,
              List.of(),
              false,
              false));
    }
    return new WatchPlan(target(target), watches);
  }

  private static TargetStatus get(CompletableFuture<TargetStatus> result)
      throws InterruptedException, ExecutionException, TimeoutException {
    return result.get(60, TimeUnit.SECONDS);
  }

  private CountDownLatch latch() {
    CountDownLatch latch = new CountDownLatch(1);
    latches.add(latch);
    return latch;
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<PathState> rows(String target) {
    for (TargetStatus status : reconciler.status()) {
      if (status.target().equals(target)) {
        return status.paths();
      }
    }
    return List.of();
  }

  @Test
  void aPlanIsAppliedAndItsReportIsTheStatus() throws Exception {
    TargetStatus status = get(reconciler.submit(plan("host", "/a", "/b")));
    assertThat(status.kernelObjects()).isEqualTo(2);
    assertThat(status.paths())
        .containsExactly(
            PathState.active(SUBJECT, FilePath.of("/a")),
            PathState.active(SUBJECT, FilePath.of("/b")));
    assertThat(reconciler.status()).containsExactly(status);
  }

  @Test
  void nothingIsOpenedForAPlanThatAsksForNothing() throws Exception {
    assertThat(get(reconciler.submit(plan("host"))).paths()).isEmpty();
    assertThat(backends.opened).isEmpty();
  }

  @Test
  void anEmptyPlanReachesTheBackendThatHadOneAndEndsTheTargetsStatus() throws Exception {
    get(reconciler.submit(plan("host", "/a")));
    assertThat(get(reconciler.submit(plan("host"))).paths()).isEmpty();
    assertThat(backends.opened.get(0).applied).hasSize(2);
    assertThat(reconciler.status()).isEmpty();
  }

  @Test
  void aTargetThatDoesNotAnswerFailsAndHoldsUpNoOther() throws Exception {
    CountDownLatch stuck = latch();
    CountDownLatch entered = new CountDownLatch(1);
    backends.behaviour =
        plan -> {
          if (plan.target().id().equals("slow")) {
            entered.countDown();
            hold(stuck);
          }
          return FakeBackends.allActive(plan);
        };
    CompletableFuture<TargetStatus> slow = reconciler.submit(plan("slow", "/nfs"));
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(get(reconciler.submit(plan("quick", "/a"))).hasAny()).isTrue();
    assertThat(slow).isNotDone();

    alarm.advance(DEADLINE);
    PathState row = get(slow).paths().get(0);
    assertThat(row.state()).isEqualTo(PathState.State.FAILED);
    assertThat(row.reason()).contains("did not answer within 30 s");

    stuck.countDown();
    await().atMost(WAIT).until(() -> rows("slow").get(0).state() == PathState.State.ACTIVE);
    await().atMost(WAIT).until(() -> said.contains("slow /nfs ACTIVE"));
  }

  @Test
  void aTargetThatTellsItsProgressIsNotTakenForStuck() throws Exception {
    CountDownLatch busy = latch();
    CountDownLatch entered = new CountDownLatch(1);
    backends.behaviour =
        plan -> {
          entered.countDown();
          hold(busy);
          return FakeBackends.allActive(plan);
        };
    CompletableFuture<TargetStatus> result = reconciler.submit(plan("host", "/big"));
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    backends
        .opened
        .get(0)
        .coverage
        .changed(target("host"), PathState.pending(SUBJECT, FilePath.of("/big"), "10000 so far"));
    alarm.advance(DEADLINE);
    assertThat(result).isNotDone();
    assertThat(said).containsExactly("host /big PENDING ...");
    alarm.advance(DEADLINE);
    assertThat(get(result).hasAny()).isFalse();
  }

  @Test
  void onlyTheLatestOfThePlansThatCameMeanwhileIsApplied() throws Exception {
    CountDownLatch busy = latch();
    CountDownLatch entered = new CountDownLatch(1);
    backends.behaviour =
        plan -> {
          entered.countDown();
          hold(busy);
          return FakeBackends.allActive(plan);
        };
    CompletableFuture<TargetStatus> first = reconciler.submit(plan("host", "/1"));
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<TargetStatus> second = reconciler.submit(plan("host", "/2"));
    CompletableFuture<TargetStatus> last = reconciler.submit(plan("host", "/3"));
    busy.countDown();
    assertThat(get(first)).isNotNull();
    assertThat(get(second)).isEqualTo(get(last));
    assertThat(get(last).paths()).extracting(p -> p.path().toString()).containsExactly("/3");
    assertThat(backends.opened.get(0).applied).hasSize(2);
  }

  @Test
  void aBackendThatDiesIsReopenedWithAllPlansAndTheTimeBetweenIsToldWatchByWatch()
      throws Exception {
    get(reconciler.submit(plan("one", "/a", "/b")));
    AtomicBoolean dies = new AtomicBoolean(true);
    CountDownLatch replaying = latch();
    backends.behaviour =
        plan -> {
          if (dies.getAndSet(false)) {
            throw new BackendException("inotify_init1: EMFILE");
          }
          hold(replaying);
          return FakeBackends.allActive(plan);
        };
    clock.advance(Duration.ofMinutes(10));
    TargetStatus failed = get(reconciler.submit(plan("two", "/c")));
    assertThat(failed.paths().get(0).reason()).contains("fake died: inotify_init1: EMFILE");
    await().atMost(WAIT).until(() -> backends.opened.size() == 2);
    clock.advance(Duration.ofSeconds(3));
    replaying.countDown();
    await().atMost(WAIT).until(() -> events.events().size() == 3);
    await().atMost(WAIT).until(() -> backends.opened.get(0).closed);

    assertThat(events.events())
        .allSatisfy(
            event -> {
              EventsLost lost = (EventsLost) event;
              assertThat(lost.reason()).isEqualTo(LossReason.BACKEND_RESTARTED);
              assertThat(lost.from()).isEqualTo(START.plus(Duration.ofMinutes(10)));
              assertThat(lost.to()).isEqualTo(lost.from().plusSeconds(3));
            })
        .extracting(event -> event.path().toString())
        .containsExactlyInAnyOrder("/a", "/b", "/c");
    assertThat(rows("one")).allMatch(row -> row.state() == PathState.State.ACTIVE);
    assertThat(rows("two")).allMatch(row -> row.state() == PathState.State.ACTIVE);
    assertThat(said).containsSubsequence("died inotify_init1: EMFILE", "back");
  }

  @Test
  void aBackendThatDiesAtOnceIsGivenEverLongerPauses() throws Exception {
    backends.behaviour =
        plan -> {
          throw new IllegalStateException("bug");
        };
    get(reconciler.submit(plan("host", "/a")));
    await().atMost(WAIT).until(() -> alarm.pending() > 0);
    assertThat(backends.opened).hasSize(1);
    alarm.advance(Duration.ofSeconds(1));
    await().atMost(WAIT).until(() -> backends.opened.size() == 2);
    await().atMost(WAIT).until(() -> said.size() == 3); // died, back, died
    await().atMost(WAIT).until(() -> alarm.pending() > 0);
    alarm.advance(Duration.ofSeconds(1));
    assertThat(backends.opened).hasSize(2);
    backends.behaviour = FakeBackends::allActive;
    alarm.advance(Duration.ofSeconds(1));
    await().atMost(WAIT).until(() -> rows("host").get(0).state() == PathState.State.ACTIVE);
  }

  @Test
  void aBackendThatCanNotBeOpenedIsAStatusAndIsTriedAgain() throws Exception {
    backends.refuses = "inotify_init1: ENOSYS";
    TargetStatus status = get(reconciler.submit(plan("host", "/a")));
    assertThat(status.hasAny()).isFalse();
    assertThat(status.paths().get(0).reason())
        .isEqualTo("fake can't be opened: inotify_init1: ENOSYS");
    backends.refuses = null;
    await().atMost(WAIT).until(() -> alarm.pending() > 0);
    alarm.advance(Duration.ofSeconds(1));
    await().atMost(WAIT).until(() -> rows("host").get(0).state() == PathState.State.ACTIVE);
    assertThat(events.events()).isEmpty();
  }

  @Test
  void whatChangesLaterIsInTheStatusAndIsTold() throws Exception {
    get(reconciler.submit(plan("host", "/a", "/b")));
    backends
        .opened
        .get(0)
        .coverage
        .changed(target("host"), PathState.failed(SUBJECT, FilePath.of("/b"), "unmounted"));
    assertThat(rows("host"))
        .containsExactly(
            PathState.active(SUBJECT, FilePath.of("/a")),
            PathState.failed(SUBJECT, FilePath.of("/b"), "unmounted"));
    assertThat(said).containsExactly("host /b FAILED");
  }

  @Test
  void whatADeadBackendSaysNoLongerCounts() throws Exception {
    get(reconciler.submit(plan("host", "/a")));
    AtomicBoolean dies = new AtomicBoolean(true);
    backends.behaviour =
        plan -> {
          if (dies.getAndSet(false)) {
            throw new BackendException("dead");
          }
          return FakeBackends.allActive(plan);
        };
    clock.advance(Duration.ofMinutes(10));
    assertThat(get(reconciler.submit(plan("host", "/a", "/b"))).hasAny()).isFalse();
    await().atMost(WAIT).until(() -> rows("host").size() == 2 && said.contains("back"));
    await().atMost(WAIT).until(() -> rows("host").get(0).state() == PathState.State.ACTIVE);
    backends
        .opened
        .get(0)
        .coverage
        .changed(target("host"), PathState.failed(SUBJECT, FilePath.of("/a"), "ghost"));
    assertThat(rows("host").get(0).state()).isEqualTo(PathState.State.ACTIVE);
  }

  @Test
  void aChangeToldWhileThePlanIsAppliedOutlivesTheReport() throws Exception {
    backends.behaviour =
        plan -> {
          backends
              .opened
              .get(0)
              .coverage
              .changed(target("host"), PathState.failed(SUBJECT, FilePath.of("/a"), "limit"));
          return new ApplyReport(
              List.of(PathState.pending(SUBJECT, FilePath.of("/a"), "not there yet")), 0);
        };
    TargetStatus status = get(reconciler.submit(plan("host", "/a")));
    assertThat(status.paths())
        .containsExactly(PathState.failed(SUBJECT, FilePath.of("/a"), "limit"));
  }

  @Test
  void closingClosesTheBackendAndAppliesNothingMore() throws Exception {
    get(reconciler.submit(plan("host", "/a")));
    reconciler.close();
    assertThat(backends.opened.get(0).closed).isTrue();
    assertThat(get(reconciler.submit(plan("host", "/b"))).paths()).isEmpty();
    assertThat(backends.opened.get(0).applied).hasSize(1);
  }
}

package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.Opening;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PidFd;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.testkit.ManualClock;
import dev.custos.testkit.RecordingPublisher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Containers that end and come back, with real processes in the place of containers. */
class ContainerLifeTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FakeBackends backends = new FakeBackends();
  private final Processes processes = new Processes();
  private final RecordingPublisher events = new RecordingPublisher();
  private final Told told = new Told();
  private final ManualClock clock = ManualClock.at(START);
  private final AlarmThread alarms = new AlarmThread();
  private final NodeReconciler node =
      new NodeReconciler(
          processes,
          new OwnerFormats(),
          new BackendReconciler<>(
              "fake", PlanKind.WATCH, backends, events, told, clock, alarms, PATIENCE),
          null,
          GuardWarden.NONE,
          told,
          clock,
          alarms);

  @AfterEach
  void close() {
    node.close();
    alarms.close();
    processes.running.values().forEach(Process::destroyForcibly);
  }

  /** Opens the containers that have a process. */
  private static final class Processes implements TargetOpener {
    final Map<String, Process> running = new ConcurrentHashMap<>();
    final Map<String, String> refused = new ConcurrentHashMap<>();
    final List<OpenedTarget> opened = new CopyOnWriteArrayList<>();
    final List<Integer> looks = new CopyOnWriteArrayList<>();

    void start(String id) throws IOException {
      running.put(id, new ProcessBuilder("sleep", "600").start());
    }

    void end(String id) {
      running.remove(id).destroyForcibly();
    }

    @Override
    public Map<String, Opening> open(Collection<NodeSnapshot.Target> wanted, String name) {
      looks.add(wanted.size());
      Map<String, Opening> openings = new HashMap<>();
      for (NodeSnapshot.Target target : wanted) {
        openings.put(target.id(), open(target, name));
      }
      return openings;
    }

    private Opening open(NodeSnapshot.Target target, String name) {
      Process process = running.get(target.id());
      if (refused.containsKey(target.id())) {
        return new Opening.Failed(refused.get(target.id()));
      }
      if (process == null) {
        return new Opening.Pending(target.id() + " has no process yet");
      }
      try {
        FileDescriptor root = PathOpener.openRoot("/");
        FileDescriptor pidFd = PidFd.open((int) process.pid());
        Origin origin =
            new Origin(name, target.namespace(), target.pod(), target.container(), Map.of());
        OpenedTarget one =
            new OpenedTarget(
                new Target(
                    target.id(),
                    origin,
                    root.number(),
                    OptionalInt.of(pidFd.number()),
                    OptionalLong.empty(),
                    Path.of("/proc/self/mountinfo")),
                root,
                List.of(pidFd));
        opened.add(one);
        return new Opening.Opened(one);
      } catch (NativeException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class Told implements StatusListener {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void changed(String target, PathState state, boolean whileApplying) {
      lines.add(target + " " + state.path() + " " + state.state());
    }

    @Override
    public void targetEnded(Target target) {
      lines.add(target.id() + " ended");
    }

    @Override
    public void targetBack(Target target) {
      lines.add(target.id() + " back");
    }

    @Override
    public void backendDied(String backend, String reason) {
      lines.add(reason);
    }

    @Override
    public void backendBack(String backend) {
      lines.add("back");
    }
  }

  private static NodeSnapshot.Target container(String id, String name) {
    return new NodeSnapshot.Target(
        id,
        "shop",
        "web-0",
        "uid",
        name,
        Map.of(),
        List.of(
            new NodeSnapshot.WatchSubject(
                new NodeSnapshot.Owner("ArgusWatcher", "shop", "web", 0),
                "{event}",
                Map.of(),
                List.of("/a", "/b"),
                Set.of(WatchEvents.Change.MODIFY),
                List.of(),
                false,
                false,
                0,
                false)),
        List.of());
  }

  private void apply(NodeSnapshot.Target... targets) {
    NodeOutcome unused = node.apply(new NodeSnapshot("v", "node-1", List.of(targets)));
  }

  private List<PathState.State> states(String id) {
    return node.watchStatus().stream()
        .filter(status -> status.target().equals(id))
        .flatMap(status -> status.paths().stream())
        .map(PathState::state)
        .toList();
  }

  private void awaitStates(String id, PathState.State state) {
    await(id + " is " + state)
        .atMost(PATIENCE)
        .until(() -> states(id), List.of(state, state)::equals);
  }

  @Test
  void aContainerThatIsNotThereYetIsPendingAndFoundAsSoonAsItIs() throws Exception {
    apply(container("c://one", "web"));
    assertThat(states("c://one")).containsOnly(PathState.State.PENDING).hasSize(2);
    assertThat(node.watchStatus().get(0).paths().get(0).reason())
        .isEqualTo("c://one has no process yet");
    processes.start("c://one");
    awaitStates("c://one", PathState.State.ACTIVE);
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one back"));
    assertThat(events.events()).isEmpty();
  }

  @Test
  void aContainerThatEndsIsLetGoOfAtOnceWithOneWordAboutIt() throws Exception {
    processes.start("c://one");
    apply(container("c://one", "web"));
    awaitStates("c://one", PathState.State.ACTIVE);
    processes.end("c://one");
    awaitStates("c://one", PathState.State.PENDING);
    await().atMost(PATIENCE).until(() -> !processes.opened.get(0).root().isOpen());
    assertThat(told.lines).containsExactly("c://one ended");
    assertThat(backends.opened.get(0).applied.get(1).watches()).isEmpty();
  }

  @Test
  void aContainerThatComesBackUnderItsIdIsWatchedAgainAndTheGapToldOncePerPath() throws Exception {
    processes.start("c://one");
    apply(container("c://one", "web"));
    awaitStates("c://one", PathState.State.ACTIVE);
    processes.end("c://one");
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one ended"));
    clock.advance(Duration.ofSeconds(7));
    processes.start("c://one");
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one back"));
    awaitStates("c://one", PathState.State.ACTIVE);
    assertThat(events.events())
        .hasSize(2)
        .allSatisfy(
            event -> {
              EventsLost lost = (EventsLost) event;
              assertThat(lost.reason()).isEqualTo(LossReason.CONTAINER_RESTARTED);
              assertThat(lost.from()).isEqualTo(START);
              assertThat(lost.to()).isEqualTo(START.plusSeconds(7));
            });
    assertThat(told.lines).containsExactly("c://one ended", "c://one back");
  }

  @Test
  void aContainerThatIsReplacedByAnotherOfItsPodTellsSinceWhenItWasAway() throws Exception {
    processes.start("c://one");
    processes.start("c://else");
    apply(container("c://one", "web"), container("c://else", "other"));
    awaitStates("c://one", PathState.State.ACTIVE);
    processes.end("c://one");
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one ended"));
    // As the cluster has it: for a while there is no container that runs.
    apply(container("c://else", "other"));
    clock.advance(Duration.ofSeconds(3));
    processes.start("c://two");
    apply(container("c://two", "web"), container("c://else", "other"));
    awaitStates("c://two", PathState.State.ACTIVE);
    await().atMost(PATIENCE).until(() -> events.events().size() == 2);
    assertThat(((EventsLost) events.events().get(0)).from()).isEqualTo(START);
    assertThat(states("c://one")).isEmpty();
    assertThat(states("c://else")).containsOnly(PathState.State.ACTIVE);
  }

  @Test
  void aContainerThatCannotBeHadIsFailedWithTheReasonAndHadOnceItCan() throws Exception {
    apply(container("c://one", "web"));
    processes.refused.put("c://one", "it runs in a sandbox");
    awaitStates("c://one", PathState.State.FAILED);
    await().atMost(PATIENCE).until(() -> told.lines.size() == 2);
    assertThat(told.lines).containsExactly("c://one /a FAILED", "c://one /b FAILED");
    int looks = processes.looks.size();
    await().atMost(PATIENCE).until(() -> processes.looks.size() > looks);
    assertThat(told.lines).as("nothing new").hasSize(2);
    processes.start("c://one");
    processes.refused.clear();
    awaitStates("c://one", PathState.State.ACTIVE);
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one back"));
  }

  @Test
  void manyContainersAreLookedForInOneLook() throws Exception {
    NodeSnapshot.Target[] many = new NodeSnapshot.Target[30];
    for (int i = 0; i < many.length; i++) {
      processes.start("c://" + i);
      many[i] = container("c://" + i, "c" + i);
    }
    apply(many);
    assertThat(processes.looks).containsExactly(30);
    awaitStates("c://29", PathState.State.ACTIVE);
  }

  @Test
  void aContainerIsOpenedAgainOnlyOnceNothingOfItsLastRunIsInUse() throws Exception {
    processes.start("c://one");
    apply(container("c://one", "web"));
    awaitStates("c://one", PathState.State.ACTIVE);
    java.util.concurrent.CountDownLatch letGo = new java.util.concurrent.CountDownLatch(1);
    backends.behaviour =
        plan -> {
          if (plan.watches().isEmpty()) {
            try {
              letGo.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          return FakeBackends.allActive(plan);
        };
    processes.end("c://one");
    await().atMost(PATIENCE).until(() -> told.lines.contains("c://one ended"));
    processes.start("c://one");
    apply(container("c://one", "web"));
    assertThat(states("c://one")).containsOnly(PathState.State.PENDING);
    assertThat(processes.opened).hasSize(1);
    assertThat(processes.opened.get(0).root().isOpen()).isTrue();
    letGo.countDown();
    awaitStates("c://one", PathState.State.ACTIVE);
    assertThat(processes.opened.get(0).root().isOpen()).isFalse();
  }

  @Test
  void whatWasAskedForWhileNoAgentRanIsToldOfAsSoonAsItIsInPlace() throws Exception {
    node.absentSince(START.minusSeconds(9), "the agent ended");
    processes.start("c://one");
    apply(container("c://one", "web"));
    awaitStates("c://one", PathState.State.ACTIVE);
    assertLosses(LossReason.AGENT_DOWN);
  }

  @Test
  void aContainerThatWasReplacedWhileNoAgentRanTellsSinceWhenNobodyLooked() throws Exception {
    node.absentSince(START.minusSeconds(9), "the agent ended");
    apply(container("c://one", "web"));
    assertThat(events.events()).isEmpty();
    processes.start("c://two");
    processes.start("c://new");
    apply(container("c://two", "web"), container("c://new", "new"));
    awaitStates("c://two", PathState.State.ACTIVE);
    awaitStates("c://new", PathState.State.ACTIVE);
    assertLosses(LossReason.CONTAINER_RESTARTED);
  }

  @Test
  void whatIsGivenUpBeforeItIsInPlaceAgainIsToldOfAllTheSame() throws Exception {
    node.absentSince(START.minusSeconds(9), "the agent ended");
    processes.start("c://one");
    backends.refuses = "not yet";
    apply(container("c://one", "web"));
    assertThat(events.events()).isEmpty();
    apply();
    assertLosses(LossReason.AGENT_DOWN);
  }

  /** One for each path of one container, and no more. */
  private void assertLosses(LossReason reason) {
    await().atMost(PATIENCE).until(() -> events.events().size() >= 2);
    assertThat(events.events())
        .hasSize(2)
        .allSatisfy(
            event -> {
              EventsLost lost = (EventsLost) event;
              assertThat(lost.reason()).isEqualTo(reason);
              assertThat(lost.from()).isEqualTo(START.minusSeconds(9));
              assertThat(lost.to()).isEqualTo(START);
            });
  }
}

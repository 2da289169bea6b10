package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.dist.FaultWorld.Node;
import dev.custos.dist.ReceivedEvents.Loss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything is killed, in an order that a seed gives, while pods come and go and files change. In
 * the end the kernel has what is asked for, every event was delivered or lies in a reported loss,
 * and no watch that should have stayed was dropped. It takes minutes, so it runs with {@code
 * -Plong} alone, for many seeds; {@code -Dcustos.faults.seed=N} repeats one, {@code
 * -Dcustos.faults.minutes=N} says for how long.
 */
class FaultsIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final long SEED = Long.getLong("custos.faults.seed", 0);
  private static final int MINUTES =
      Integer.getInteger("custos.faults.minutes", LONG && SEED == 0 ? 5 : 0);
  private static final int NODES = LONG ? 3 : 2;
  private static final int ROUNDS = LONG ? 3 : 1;

  private enum Fault {
    CONTROLLER,
    API_SERVER,
    STORE,
    API_SERVER_STANDS_STILL,
    AGENT,
    NETWORK,
    CONTAINER,
    CONTAINER_WITH_ITS_ID
  }

  private enum Change {
    POD_COMES,
    POD_GOES,
    LABEL,
    PATHS,
    GUARD,
    NONE
  }

  private interface End {
    void run() throws Exception;
  }

  @TempDir Path temp;

  private SplittableRandom random;
  private FaultWorld world;
  private int podsMade;
  private boolean apiIsUp = true;
  private final Set<String> agentsKilled = new HashSet<>();
  private final Set<String> containersKilled = new HashSet<>();
  private final Set<FaultPod> untold = new LinkedHashSet<>();

  @Test
  @Timeout(7200)
  void whateverIsKilledTheKernelHasWhatIsAskedForAndEachEventCameOrIsReportedLost()
      throws Exception {
    assumeTrue(LONG || SEED != 0, "kills for minutes: mvn -Plong verify");
    long until = System.nanoTime() + MINUTES * 60_000_000_000L;
    long seed = SEED != 0 ? SEED : new Random().nextLong();
    do {
      System.out.println("faults: -Dcustos.faults.seed=" + seed);
      run(seed, Files.createDirectory(temp.resolve("seed" + seed)));
      seed = new SplittableRandom(seed).nextLong();
    } while (System.nanoTime() < until);
  }

  private void run(long seed, Path directory) throws Exception {
    random = new SplittableRandom(seed);
    podsMade = 0;
    apiIsUp = true;
    agentsKilled.clear();
    containersKilled.clear();
    try (FaultWorld made = new FaultWorld(directory, NODES, random.split())) {
      world = made;
      for (int i = 0; i < 2 * NODES; i++) {
        addPod();
      }
      world.awaitDesiredState();
      for (int round = 0; round < ROUNDS; round++) {
        Deque<Fault> faults = new ArrayDeque<>(shuffled(Fault.values()));
        while (!faults.isEmpty()) {
          // Two at a time, so that one ends while the other lasts.
          overlap(faults.pop(), faults.pop());
        }
        say("all is up");
        world.awaitDesiredState();
      }
      List<String> missing = world.end();
      assertThat(missing).isEmpty();
      assertThat(unexplained()).isEmpty();
    } catch (Exception | Error e) {
      throw new AssertionError("-Dcustos.faults.seed=" + seed + ": " + e, e);
    }
  }

  private void overlap(Fault first, Fault second) throws Exception {
    End one = begin(first);
    change();
    End two = begin(second);
    change();
    boolean inOrder = random.nextBoolean();
    say((inOrder ? first : second) + " ends");
    (inOrder ? one : two).run();
    change();
    say((inOrder ? second : first) + " ends");
    (inOrder ? two : one).run();
    for (FaultPod pod : untold) {
      pod.sayItRuns();
    }
    untold.clear();
    change();
  }

  private End begin(Fault fault) throws Exception {
    say(fault);
    return switch (fault) {
      case CONTROLLER -> {
        world.cluster().killLeader();
        yield () -> world.cluster().startStandby();
      }
      case API_SERVER -> {
        if (!apiIsUp) {
          yield () -> {};
        }
        apiIsUp = false;
        world.cluster().api().die();
        yield () -> {
          world.cluster().api().comeBack();
          apiIsUp = true;
        };
      }
      case API_SERVER_STANDS_STILL -> {
        if (!apiIsUp) {
          yield () -> {};
        }
        apiIsUp = false;
        world.cluster().api().pause();
        yield () -> {
          world.cluster().api().resume();
          apiIsUp = true;
        };
      }
      case STORE -> {
        if (apiIsUp) {
          world.cluster().api().restartStore();
        }
        yield () -> {};
      }
      case AGENT -> {
        Node node = any(world.nodes());
        agentsKilled.add(node.name());
        node.agent().kill();
        yield () -> node.agent().startAgain();
      }
      case NETWORK -> {
        Node node = any(world.nodes());
        node.network().cut();
        yield () -> node.network().mend();
      }
      case CONTAINER, CONTAINER_WITH_ITS_ID -> killContainer(fault == Fault.CONTAINER_WITH_ITS_ID);
    };
  }

  private End killContainer(boolean keepId) throws Exception {
    FaultPod pod = any(world.pods().stream().filter(FaultPod::isRunning).toList());
    containersKilled.add(pod.name());
    pod.killContainer();
    return () -> {
      if (pod.hasEnded()) {
        return;
      }
      if (keepId) {
        pod.startSame();
      } else {
        pod.startNext();
        untold.add(pod);
      }
    };
  }

  /** Something else is asked for, if anybody can be asked. */
  private void change() throws Exception {
    Change change = any(List.of(Change.values()));
    if (apiIsUp) {
      say(change);
      apply(change);
    }
    world.awaitFiles(10);
  }

  private void apply(Change change) throws Exception {
    switch (change) {
      case POD_COMES -> addPod();
      case POD_GOES -> {
        List<FaultPod> running = world.pods().stream().filter(FaultPod::isRunning).toList();
        if (running.size() > NODES) {
          world.deletePod(any(running));
        }
      }
      case LABEL -> {
        FaultPod pod = any(world.pods());
        world.relabel(pod, pod.app().equals("a") ? "b" : "a");
      }
      case PATHS -> {
        String watcher = any(List.of("on-a", "on-b"));
        boolean isAll = world.watched(watcher).equals(FaultPod.PATHS);
        world.setWatcher(watcher, isAll ? List.of("/v") : FaultPod.PATHS);
      }
      case GUARD -> world.setGuard(!world.isGuarded());
      case NONE -> say("only files");
    }
  }

  private void addPod() throws Exception {
    String node = world.nodes().get(podsMade % NODES).name();
    world.addPod("pod-" + podsMade++, node, any(FaultWorld.APPS));
  }

  /** Losses that nothing explains what was done: a watch was dropped that should have stayed. */
  private List<Loss> unexplained() {
    return world.received().losses().stream().filter(loss -> !isExplained(loss)).toList();
  }

  private boolean isExplained(Loss loss) {
    boolean agent = agentsKilled.contains(loss.node());
    boolean container = loss.subject() != null && containersKilled.contains(loss.subject().pod());
    return switch (loss.reason()) {
      case "agent-down" -> agent;
      case "container-restarted" -> container;
      case "unguarded" -> agent || container;
      default -> false;
    };
  }

  private <T> List<T> shuffled(T[] all) {
    List<T> list = new ArrayList<>(List.of(all));
    Collections.shuffle(list, new Random(random.nextLong()));
    return list;
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static void say(Object what) {
    System.out.println("faults: " + Instant.now() + " " + what);
  }
}

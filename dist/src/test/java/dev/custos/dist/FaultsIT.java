package dev.custos.dist;

import static dev.custos.dist.FaultRound.Change.GUARD;
import static dev.custos.dist.FaultRound.Change.LABEL;
import static dev.custos.dist.FaultRound.Change.NONE;
import static dev.custos.dist.FaultRound.Change.PATHS;
import static dev.custos.dist.FaultRound.Change.POD_COMES;
import static dev.custos.dist.FaultRound.Change.POD_GOES;
import static dev.custos.dist.FaultRound.Fault.AGENT;
import static dev.custos.dist.FaultRound.Fault.API_SERVER;
import static dev.custos.dist.FaultRound.Fault.API_SERVER_STANDS_STILL;
import static dev.custos.dist.FaultRound.Fault.CONTAINER;
import static dev.custos.dist.FaultRound.Fault.CONTAINER_WITH_ITS_ID;
import static dev.custos.dist.FaultRound.Fault.CONTROLLER;
import static dev.custos.dist.FaultRound.Fault.NETWORK;
import static dev.custos.dist.FaultRound.Fault.STORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.dist.FaultRound.Change;
import dev.custos.dist.FaultRound.Fault;
import dev.custos.dist.FaultRound.Step;
import dev.custos.dist.ReceivedEvents.Loss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything is killed while pods come and go and files change. In the end the kernel has what is
 * asked for, every event was delivered or lies in a reported loss, and no watch that should have
 * stayed was dropped. Each build does everything once, in an order of its own. With {@code -Plong}
 * seeds give the order, for {@code -Dcustos.faults.minutes=N}; {@code -Dcustos.faults.seed=N}
 * repeats one of them, with three nodes under {@code -Plong} and with two otherwise.
 */
class FaultsIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final long SEED = Long.getLong("custos.faults.seed", 0);
  private static final int MINUTES =
      Integer.getInteger("custos.faults.minutes", LONG && SEED == 0 ? 5 : 0);
  private static final int NODES = LONG ? 3 : 2;
  private static final int ROUNDS = LONG ? 3 : 1;
  private static final int FILES = 10;
  // Some 15 s: long enough for the timeouts of the controllers' lease and of every connection.
  private static final int MANY_FILES = 600;

  /** Two faults at a time, with what changes after each beginning and each end. */
  private record Pair(Fault first, Fault second, boolean inOrder, List<Change> changes) {}

  // What is changed while the API server is away is not, and stands for that.
  private static final List<Pair> EACH_ONCE =
      List.of(
          new Pair(AGENT, API_SERVER, true, List.of(POD_COMES, NONE, NONE, GUARD)),
          new Pair(CONTROLLER, CONTAINER, false, List.of(PATHS, LABEL, POD_GOES, NONE)),
          new Pair(NETWORK, CONTAINER_WITH_ITS_ID, false, List.of(POD_COMES, GUARD, PATHS, NONE)),
          new Pair(STORE, API_SERVER_STANDS_STILL, true, List.of(POD_GOES, NONE, NONE, LABEL)));

  @TempDir Path temp;

  private final FaultHistory history = new FaultHistory();

  @Test
  @Timeout(900)
  void whateverIsKilledOnceTheKernelHasWhatIsAskedForAndEachEventCameOrIsReportedLost()
      throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    try (FaultWorld world = new FaultWorld(temp, 2)) {
      FaultRound round = begin(world, random);
      for (Pair pair : EACH_ONCE) {
        Deque<Change> changes = new ArrayDeque<>(pair.changes());
        round.overlap(
            pair.first(), pair.second(), pair.inOrder(), () -> new Step(changes.pop(), FILES));
      }
      awaitDesiredState(world);
      assertKept(world);
      // Otherwise nothing above would tell a loss from an event that came.
      assertThat(world.received().losses())
          .extracting(Loss::reason)
          .contains("agent-down", "unguarded", "container-restarted");
    } catch (Exception | Error e) {
      throw new AssertionError(e + "\nwhat was done:\n" + history, e);
    }
  }

  @Test
  @Timeout(18_000)
  void whateverIsKilledTheKernelHasWhatIsAskedForAndEachEventCameOrIsReportedLost()
      throws Exception {
    assumeTrue(LONG || SEED != 0, "kills for minutes: mvn -Plong verify");
    long until = System.nanoTime() + MINUTES * 60_000_000_000L;
    long seed = SEED != 0 ? SEED : new Random().nextLong();
    do {
      history.say("-Dcustos.faults.seed=" + seed);
      run(seed, Files.createDirectory(temp.resolve("seed" + seed)));
      seed = new SplittableRandom(seed).nextLong();
    } while (System.nanoTime() < until);
  }

  private void run(long seed, Path directory) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    try (FaultWorld world = new FaultWorld(directory, NODES)) {
      FaultRound round = begin(world, random.split());
      for (int i = 0; i < ROUNDS; i++) {
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        Collections.shuffle(faults, new Random(random.nextLong()));
        for (int next = 0; next < faults.size(); next += 2) {
          round.overlap(
              faults.get(next), faults.get(next + 1), random.nextBoolean(), () -> step(random));
        }
        awaitDesiredState(world);
      }
      assertKept(world);
    } catch (Exception | Error e) {
      throw new AssertionError(
          (LONG ? "-Plong " : "")
              + "-Dcustos.faults.seed="
              + seed
              + ": "
              + e
              + "\nwhat was done:\n"
              + history,
          e);
    }
  }

  private static Step step(SplittableRandom random) {
    List<Change> all = List.of(Change.values());
    Change change = all.get(random.nextInt(all.size()));
    return new Step(change, LONG && random.nextInt(6) == 0 ? MANY_FILES : FILES);
  }

  private FaultRound begin(FaultWorld world, SplittableRandom random) throws Exception {
    FaultRound round = new FaultRound(world, history, random);
    for (int i = 0; i < 2 * world.nodes().size(); i++) {
      round.addPod();
    }
    awaitDesiredState(world);
    return round;
  }

  private void awaitDesiredState(FaultWorld world) {
    history.say("all is up");
    world.awaitDesiredState();
    history.say("what is asked for is in place");
  }

  /** All came or is reported, and no loss is without its reason. */
  private void assertKept(FaultWorld world) throws Exception {
    assertThat(world.end()).isEmpty();
    assertThat(world.received().losses())
        .as("what was lost because a watch or guard was dropped that should have stayed")
        .allMatch(history::explains);
  }
}

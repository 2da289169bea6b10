package dev.custos.dist;

import dev.custos.dist.FaultWorld.Node;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Does things to a world: some are faults, which end again, others change what is asked for. */
final class FaultRound {
  /** What is killed, or cut off, or stands still. */
  enum Fault {
    CONTROLLER,
    API_SERVER,
    STORE,
    API_SERVER_STANDS_STILL,
    AGENT,
    NETWORK,
    CONTAINER,
    CONTAINER_WITH_ITS_ID
  }

  /** What else may happen to a cluster. */
  enum Change {
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

  private final FaultWorld world;
  private final FaultHistory history;
  private final SplittableRandom random;
  private final Set<FaultPod> untold = new LinkedHashSet<>();
  private int podsMade;
  private boolean apiIsUp = true;

  /**
   * Goes on with a world.
   *
   * @param random says which agent, pod or network it meets
   */
  FaultRound(FaultWorld world, FaultHistory history, SplittableRandom random) {
    this.world = world;
    this.history = history;
    this.random = random;
  }

  void addPod() throws Exception {
    List<Node> nodes = world.nodes();
    String node = nodes.get(podsMade % nodes.size()).name();
    world.addPod("pod-" + podsMade++, node, any(FaultWorld.APPS));
  }

  /** Something is to change meanwhile, and then some more files to be made. */
  record Step(Change change, int files) {}

  /**
   * Two faults, of which one ends while the other lasts.
   *
   * @param inOrder whether the first one ends first
   * @param steps asked four times: after each beginning and each end; what it says is done unless
   *     nobody can be asked for anything
   */
  void overlap(Fault first, Fault second, boolean inOrder, Supplier<Step> steps) throws Exception {
    End one = begin(first);
    step(steps.get());
    End two = begin(second);
    step(steps.get());
    history.say((inOrder ? first : second) + " ends");
    (inOrder ? one : two).run();
    step(steps.get());
    history.say((inOrder ? second : first) + " ends");
    (inOrder ? two : one).run();
    untold.removeIf(FaultPod::hasEnded);
    for (FaultPod pod : untold) {
      world.insist(pod.name() + " is said to run", pod::sayItRuns);
    }
    untold.clear();
    step(steps.get());
  }

  private void step(Step step) throws Exception {
    if (apiIsUp) {
      apply(step.change());
    }
    world.awaitFiles(step.files());
  }

  private End begin(Fault fault) throws Exception {
    history.say(fault);
    return switch (fault) {
      case CONTROLLER -> {
        world.cluster().killLeader();
        yield () -> world.cluster().startStandby();
      }
      case STORE -> {
        if (apiIsUp) {
          world.cluster().api().restartStore();
        }
        yield () -> {};
      }
      case API_SERVER, API_SERVER_STANDS_STILL -> {
        if (!apiIsUp) {
          yield () -> {};
        }
        apiIsUp = false;
        yield fault == Fault.API_SERVER ? killApi() : pauseApi();
      }
      case AGENT -> {
        Node node = any(world.nodes());
        history.ends(node.name());
        node.agent().kill();
        yield () -> {
          node.agent().startAgain();
          history.isBack(node.name());
        };
      }
      case NETWORK -> {
        Node node = any(world.nodes());
        history.say(node.name() + " is cut off");
        node.network().cut();
        yield () -> node.network().mend();
      }
      case CONTAINER, CONTAINER_WITH_ITS_ID -> killContainer(fault == Fault.CONTAINER_WITH_ITS_ID);
    };
  }

  private End killApi() {
    world.cluster().api().die();
    return () -> {
      world.cluster().api().comeBack();
      apiIsUp = true;
    };
  }

  private End pauseApi() throws Exception {
    world.cluster().api().pause();
    return () -> {
      world.cluster().api().resume();
      apiIsUp = true;
    };
  }

  private End killContainer(boolean keepId) throws Exception {
    FaultPod pod = any(running());
    history.ends(pod.name());
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
      history.isBack(pod.name());
    };
  }

  private void apply(Change change) throws Exception {
    switch (change) {
      case POD_COMES -> {
        history.say("pod-" + podsMade + " comes");
        addPod();
      }
      case POD_GOES -> {
        List<FaultPod> running = running();
        if (running.size() > world.nodes().size()) {
          FaultPod pod = any(running);
          history.say(pod.name() + " goes");
          world.deletePod(pod);
        }
      }
      case LABEL -> {
        FaultPod pod = any(world.pods());
        String app = pod.app().equals("a") ? "b" : "a";
        history.say(pod.name() + " is now app=" + app);
        world.relabel(pod, app);
      }
      case PATHS -> {
        String watcher = any(List.of("on-a", "on-b"));
        boolean isAll = world.watched(watcher).equals(FaultPod.PATHS);
        List<String> paths = isAll ? List.of("/v") : FaultPod.PATHS;
        history.say(watcher + " is now of " + paths);
        world.setWatcher(watcher, paths);
      }
      case GUARD -> {
        history.say(world.isGuarded() ? "the guard goes" : "the guard comes");
        world.setGuard(!world.isGuarded());
      }
      case NONE -> history.say("only files are made");
    }
  }

  private List<FaultPod> running() {
    return world.pods().stream().filter(FaultPod::isRunning).toList();
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}

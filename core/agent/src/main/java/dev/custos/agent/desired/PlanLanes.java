package dev.custos.agent.desired;

import dev.custos.spi.PathState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The lanes of all targets that a backend works for. Its owner's monitor guards it. */
final class PlanLanes<P> {
  private final PlanKind<P> kind;
  private final Map<String, TargetLane<P>> lanes = new LinkedHashMap<>();

  PlanLanes(PlanKind<P> kind) {
    this.kind = kind;
  }

  /** Null if nothing is asked of the target. */
  TargetLane<P> get(String target) {
    return lanes.get(target);
  }

  void add(TargetLane<P> lane) {
    lanes.put(lane.id(), lane);
  }

  void remove(TargetLane<P> lane) {
    lanes.remove(lane.id(), lane);
  }

  List<TargetLane<P>> all() {
    return List.copyOf(lanes.values());
  }

  /** How every target stands now. */
  List<TargetStatus> status() {
    List<TargetStatus> all = new ArrayList<>();
    lanes.values().forEach(lane -> all.add(lane.status()));
    return all;
  }

  /** Nothing is kept from now on, in any of them. */
  void lose(Absence absence) {
    for (TargetLane<P> lane : lanes.values()) {
      lane.missing = lane.missing == null ? absence : lane.missing;
      lane.sound = null;
      lane.renewing = false;
    }
  }

  /** All but these have what they should. */
  void compared(Instant at, Set<String> differing) {
    for (TargetLane<P> lane : lanes.values()) {
      boolean busy = lane.applying || lane.scheduled;
      if (!busy && !differing.contains(lane.id())) {
        lane.sound = at;
      }
    }
  }

  /** Fails every path; who waits is to be told without the monitor. */
  Map<CompletableFuture<TargetStatus>, TargetStatus> failAll(String reason) {
    Map<CompletableFuture<TargetStatus>, TargetStatus> answers = new LinkedHashMap<>();
    for (TargetLane<P> lane : lanes.values()) {
      lane.fail(kind.all(lane.desired, PathState.State.FAILED, reason));
      answers.put(lane.waiting, lane.status());
    }
    return answers;
  }

  /** Takes lanes out that nothing is asked of: they need no backend to end. */
  List<TargetLane<P>> takeIdle() {
    List<TargetLane<P>> idle = new ArrayList<>();
    for (TargetLane<P> lane : lanes.values()) {
      if (kind.asked(lane.desired).isEmpty()) {
        idle.add(lane);
        lane.waiting.complete(new TargetStatus(lane.id(), List.of(), 0));
      }
    }
    lanes.values().removeAll(idle);
    return idle;
  }
}

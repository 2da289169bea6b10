package dev.custos.agent.desired;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.event.LossReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The books of one target: what is wanted of it and how it stands. Every field but the tasks is
 * guarded by the reconciler's monitor.
 */
final class TargetLane<P> {
  private final String id;
  private final SerialTasks tasks;
  private final Map<PlanKind.Asked, PathState> rows = new LinkedHashMap<>();

  /** What came through Coverage while an apply ran; may be newer than the report. */
  private final Map<PlanKind.Asked, PathState> meanwhile = new HashMap<>();

  P desired;
  CompletableFuture<TargetStatus> waiting = new CompletableFuture<>();
  boolean scheduled;
  boolean applying;
  long signs;
  Alarm.Cancel deadline;

  /** What events are missing because nobody was there; null if none are. */
  Absence missing;

  /** When it was known last that the kernel has what the plan asks for; null if it never was. */
  Instant sound;

  /** Whether it is to let go of all that it has before it gets its plan. */
  boolean renewing;

  /** Done as soon as no backend uses the target any more; null as long as nobody waits for that. */
  CompletableFuture<Void> gone;

  private int kernelObjects;

  TargetLane(String id, ApplyThreads threads) {
    this.id = id;
    this.tasks = new SerialTasks(threads);
  }

  String id() {
    return id;
  }

  /** What is to be done for the target, one after the other. */
  SerialTasks tasks() {
    return tasks;
  }

  /** Interrupts what runs in lanes that get nothing more to do, and waits a moment for it. */
  static <P> void stop(List<TargetLane<P>> lanes) {
    for (TargetLane<P> lane : lanes) {
      lane.tasks.endNow();
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
    try {
      for (TargetLane<P> lane : lanes) {
        lane.tasks.awaitEnd(until - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the lane: nothing is asked of its target any more, and no backend uses it. */
  void end() {
    tasks.end();
    if (gone != null) {
      gone.complete(null);
    }
  }

  /**
   * Has it let go of what it has before its next apply.
   *
   * @param now from when events are missing if it is not known that all was well before
   */
  void renew(Instant now, LossReason reason, String detail) {
    renewing = true;
    if (missing == null) {
      missing = new Absence(sound == null ? now : sound, reason, detail);
    }
    sound = null;
  }

  void begin() {
    applying = true;
    meanwhile.clear();
  }

  /** Takes a report over. */
  void store(ApplyReport report) {
    replace(report.paths());
    kernelObjects = report.kernelObjects();
    for (Map.Entry<PlanKind.Asked, PathState> change : meanwhile.entrySet()) {
      rows.replace(change.getKey(), change.getValue());
    }
    meanwhile.clear();
  }

  void replace(List<PathState> states) {
    rows.clear();
    for (PathState state : states) {
      rows.put(new PlanKind.Asked(state.subject(), state.path()), state);
    }
  }

  void fail(List<PathState> states) {
    replace(states);
    kernelObjects = 0;
  }

  /** Returns false if the row said so already. */
  boolean change(PathState state) {
    PlanKind.Asked key = new PlanKind.Asked(state.subject(), state.path());
    if (applying && state.state() != PathState.State.PENDING) {
      meanwhile.put(key, state);
    }
    return !state.equals(rows.put(key, state));
  }

  TargetStatus status() {
    return new TargetStatus(id, new ArrayList<>(rows.values()), kernelObjects);
  }
}

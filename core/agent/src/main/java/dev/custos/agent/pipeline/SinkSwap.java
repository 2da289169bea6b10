package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolRefusedException;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One change of a pipeline's sinks: everything that may fail is done by {@link #open}, and undone
 * if it does; {@link #commit} can't fail.
 */
final class SinkSwap {
  /** How long a sink that is not wanted any more may write what it has. */
  private static final long RETIRE_NANOS = Duration.ofSeconds(5).toNanos();

  private final EventPipeline pipeline;
  private final Origin agent;
  private final Map<String, SinkLane> before = new LinkedHashMap<>();
  private final List<SinkLane> after = new ArrayList<>();
  // New lanes and the sinks that they begin with.
  private final Map<SinkLane, Sink> fresh = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<String> added = new ArrayList<>();
  private final List<String> changed = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();

  /** A lane that goes on as something else; the sink is null if it keeps its own. */
  private record Change(SinkLane lane, SinkSpec spec, Sink sink) {}

  SinkSwap(EventPipeline pipeline, Origin agent, SinkLane[] current) {
    this.pipeline = pipeline;
    this.agent = agent;
    for (SinkLane lane : current) {
      before.put(lane.name(), lane);
    }
  }

  /** Opens what is new. */
  void open(List<SinkSpec> specs) throws SinkOpenException {
    try {
      for (SinkSpec spec : specs) {
        open(spec);
      }
    } catch (SinkOpenException | RuntimeException | Error e) {
      undo();
      throw e;
    }
  }

  private void open(SinkSpec spec) throws SinkOpenException {
    SinkLane old = before.get(spec.name());
    if (old != null && old.spec().isSameAs(spec) && old.isOpen()) {
      kept.add(spec.name());
      after.add(before.remove(spec.name()));
    } else if (old != null && old.canBecome(spec)) {
      changed.add(spec.name());
      boolean same = old.spec().identity().equals(spec.identity()) && old.isOpen();
      changes.add(new Change(old, spec, same ? null : openSink(spec)));
      after.add(before.remove(spec.name()));
    } else {
      (old == null ? added : changed).add(spec.name());
      Sink sink = openSink(spec);
      SinkLane lane;
      try {
        lane = new SinkLane(pipeline, spec, agent);
      } catch (SpoolRefusedException e) {
        sink.close();
        throw new SinkOpenException(spec.name(), e.getMessage(), e);
      }
      fresh.put(lane, sink);
      after.add(lane);
    }
  }

  private static Sink openSink(SinkSpec spec) throws SinkOpenException {
    try {
      return spec.opener().open();
    } catch (SinkException | RuntimeException | LinkageError e) {
      String reason = e instanceof SinkException ? e.getMessage() : e.toString();
      throw new SinkOpenException(spec.name(), reason, e);
    }
  }

  private void undo() {
    for (Map.Entry<SinkLane, Sink> entry : fresh.entrySet()) {
      entry.getValue().close();
      entry.getKey().discard();
    }
    for (Change change : changes) {
      if (change.sink() != null) {
        change.sink().close();
      }
    }
  }

  SinkLane[] lanes() {
    return after.toArray(new SinkLane[0]);
  }

  /** Lanes that get no more events. */
  List<SinkLane> retired() {
    return List.copyOf(before.values());
  }

  /** Puts it into effect, once the pipeline publishes to {@link #lanes}. */
  void commit(WriteSupervisor supervisor) {
    for (Map.Entry<SinkLane, Sink> entry : fresh.entrySet()) {
      entry.getKey().start(entry.getValue());
      supervisor.watch(entry.getKey());
    }
    for (Change change : changes) {
      change.lane().become(change.spec(), change.sink());
      supervisor.watch(change.lane());
    }
    for (SinkLane lane : before.values()) {
      retire(lane, supervisor);
    }
  }

  /** Has a sink write the rest, without anybody waiting for it. */
  private static void retire(SinkLane lane, WriteSupervisor supervisor) {
    Thread thread =
        new Thread(
            () -> {
              lane.awaitEnd(System.nanoTime() + RETIRE_NANOS);
              supervisor.forget(lane);
            },
            "custos-sink-end-" + lane.name());
    thread.setDaemon(true);
    thread.start();
  }

  SinkChanges changes() {
    List<String> removed = new ArrayList<>(before.keySet());
    removed.removeAll(changed);
    return new SinkChanges(added, changed, removed, kept);
  }
}

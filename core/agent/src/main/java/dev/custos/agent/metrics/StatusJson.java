package dev.custos.agent.metrics;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.metrics.AgentState.BackendState;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.spi.PathState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How an agent stands, for programs: the answer that {@code custos status} makes its lines of. */
final class StatusJson {
  /** How many paths that are not active are named for each backend; the rest are counted. */
  private static final int NAMED = 50;

  private StatusJson() {}

  static String of(AgentState state) {
    List<String> problems = Health.faults(state);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", state.version());
    all.put("node", state.node());
    all.put("started", state.started().toString());
    all.put("uptimeSeconds", state.uptime().toSeconds());
    all.put("ready", state.ready());
    all.put("healthy", problems.isEmpty());
    all.put("problems", problems);
    all.put("published", state.published());
    List<Object> backends = new ArrayList<>();
    for (BackendState backend : state.backends()) {
      backends.add(backend(backend));
    }
    all.put("backends", backends);
    List<Object> sinks = new ArrayList<>();
    for (SinkStatus sink : state.sinks()) {
      sinks.add(sink(sink));
    }
    all.put("sinks", sinks);
    return ConfigValueFactory.fromMap(all).render(ConfigRenderOptions.concise());
  }

  private static Map<String, Object> backend(BackendState backend) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("role", backend.role());
    all.put("name", backend.name());
    all.put("kernelObjects", backend.kernelObjects());
    all.put("restarts", backend.restarts());
    backend.sinceProof().ifPresent(age -> all.put("readerTurnAgeMillis", age.toMillis()));
    List<Object> targets = new ArrayList<>();
    List<Object> paths = new ArrayList<>();
    for (TargetStatus target : backend.targets()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", target.target());
      for (PathState.State state : PathState.State.values()) {
        row.put(word(state), target.count(state));
      }
      targets.add(row);
    }
    // Failed ones first: they are what somebody has to do something about.
    addPaths(backend, PathState.State.FAILED, paths);
    addPaths(backend, PathState.State.PENDING, paths);
    all.put("targets", targets);
    all.put("notActive", paths);
    return all;
  }

  private static void addPaths(BackendState backend, PathState.State state, List<Object> paths) {
    for (TargetStatus target : backend.targets()) {
      for (PathState path : target.paths()) {
        if (path.state() == state && paths.size() < NAMED) {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("target", target.target());
          row.put("subject", path.subject().toString());
          row.put("path", path.path().toString());
          row.put("state", word(state));
          row.put("reason", path.reason());
          paths.add(row);
        }
      }
    }
  }

  private static Map<String, Object> sink(SinkStatus sink) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("name", sink.name());
    all.put("open", sink.open());
    all.put("queued", sink.queued());
    all.put("written", sink.counters().written());
    all.put("retried", sink.counters().retried());
    all.put("rejected", sink.counters().rejected());
    all.put("lost", sink.counters().lost());
    all.put("offered", sink.offered());
    all.put("deadLettered", sink.counters().deadLettered());
    all.put("oldestSeconds", sink.oldestSeconds(Instant.now()));
    all.put("failing", sink.counters().failing());
    all.put("lastError", sink.counters().lastError());
    sink.spool()
        .ifPresent(
            spool -> {
              all.put("spoolBytes", spool.bytes());
              all.put("spoolFailing", spool.failing());
            });
    return all;
  }

  private static String word(PathState.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}

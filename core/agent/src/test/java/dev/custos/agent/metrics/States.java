package dev.custos.agent.metrics;

import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.metrics.AgentState.BackendState;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** States of agents that tests make up. */
final class States {
  static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

  private States() {}

  static AgentState of(boolean ready, BackendState... backends) {
    return new AgentState(
        "1.2.3", "node-1", START, START.plusSeconds(90), ready, 7, List.of(backends), List.of());
  }

  /** A backend with one path in each of these states. */
  static BackendState watching(PathState.State... states) {
    Subject subject = new Subject("ArgusWatcher", "shop", "web", 0, Map.of());
    List<PathState> paths = new java.util.ArrayList<>();
    for (int i = 0; i < states.length; i++) {
      String reason = states[i] == PathState.State.ACTIVE ? "" : "because \"" + i + "\"";
      paths.add(new PathState(subject, FilePath.of("/data/\n" + i), states[i], reason));
    }
    return new BackendState(
        "watch", "inotify", List.of(new TargetStatus("host", paths, 12)), 2, 1, Optional.empty());
  }
}

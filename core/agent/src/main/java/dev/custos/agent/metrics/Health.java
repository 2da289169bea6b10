package dev.custos.agent.metrics;

import dev.custos.agent.metrics.AgentState.BackendState;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.spi.PathState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with an agent, a sentence each. */
final class Health {
  /** A reader that has not come round for this long will not do so again by itself. */
  private static final Duration STUCK = Duration.ofSeconds(60);

  private Health() {}

  /**
   * What a new start may mend. What it would not, such as a path that can't be watched, is none of
   * it: an orchestrator would start the agent again and again, and miss events each time.
   */
  static List<String> fatal(AgentState state) {
    List<String> faults = new ArrayList<>();
    if (!state.sinks().isEmpty() && state.sinks().stream().noneMatch(SinkStatus::open)) {
      faults.add("no sink takes events any more");
    }
    for (BackendState backend : state.backends()) {
      backend
          .sinceProof()
          .filter(age -> age.compareTo(STUCK) > 0)
          .ifPresent(
              age ->
                  faults.add(
                      "a reader of "
                          + backend.name()
                          + " has not come round for "
                          + age.toSeconds()
                          + " s"));
    }
    return faults;
  }

  /** Everything that is not as somebody asked. */
  static List<String> faults(AgentState state) {
    List<String> faults = new ArrayList<>(fatal(state));
    if (!state.ready()) {
      faults.add("not ready");
    }
    for (BackendState backend : state.backends()) {
      long failed = backend.paths(PathState.State.FAILED);
      if (failed > 0) {
        faults.add(
            failed
                + (failed == 1 ? " path" : " paths")
                + " that "
                + backend.name()
                + " should "
                + backend.role()
                + " failed");
      }
    }
    for (SinkStatus sink : state.sinks()) {
      if (!sink.open()) {
        faults.add("sink " + sink.name() + " failed for good");
      } else if (sink.counters().failing()) {
        faults.add("sink " + sink.name() + " fails, and is tried again");
      }
      if (sink.spool().filter(SinkStatus.Spool::failing).isPresent()) {
        faults.add("the disk refuses the spool of sink " + sink.name());
      }
    }
    return faults;
  }
}

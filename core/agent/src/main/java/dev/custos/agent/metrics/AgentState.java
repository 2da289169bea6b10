package dev.custos.agent.metrics;

import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.spi.PathState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a running agent stands at one moment.
 *
 * @param started when this run began
 * @param now the moment
 * @param ready whether everything that is asked for was set up once, and nothing is being stopped
 * @param published how many events went into the pipeline
 */
public record AgentState(
    String version,
    String node,
    Instant started,
    Instant now,
    boolean ready,
    long published,
    List<BackendState> backends,
    List<SinkStatus> sinks) {
  public AgentState {
    backends = List.copyOf(backends);
    sinks = List.copyOf(sinks);
  }

  /**
   * One backend.
   *
   * @param role {@code watch} or {@code guard}
   * @param name the backend's, {@code inotify}
   * @param targets how every target's paths stand
   * @param restarts how often it died and was opened again
   * @param differences how many comparisons found that the kernel has something else than it should
   * @param sinceProof how long ago its readers were last seen to come round; empty where nobody
   *     looks
   */
  public record BackendState(
      String role,
      String name,
      List<TargetStatus> targets,
      long restarts,
      long differences,
      Optional<Duration> sinceProof) {
    public BackendState {
      targets = List.copyOf(targets);
    }

    /** How many paths are in a state. */
    public long paths(PathState.State state) {
      long count = 0;
      for (TargetStatus target : targets) {
        count += target.count(state);
      }
      return count;
    }

    /** How many kernel objects watch or guard. */
    public long kernelObjects() {
      long count = 0;
      for (TargetStatus target : targets) {
        count += target.kernelObjects();
      }
      return count;
    }
  }

  public Duration uptime() {
    return Duration.between(started, now);
  }
}

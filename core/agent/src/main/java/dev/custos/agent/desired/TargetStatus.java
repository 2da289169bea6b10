package dev.custos.agent.desired;

import dev.custos.spi.PathState;
import java.util.List;

/**
 * How a target's paths stand with one backend now.
 *
 * @param target the target's id
 * @param kernelObjects how many watches or marks served it when it was last applied
 */
public record TargetStatus(String target, List<PathState> paths, int kernelObjects) {
  public TargetStatus {
    paths = List.copyOf(paths);
  }

  /** How many paths are in a state. */
  public long count(PathState.State state) {
    long count = 0;
    for (PathState path : paths) {
      count += path.state() == state ? 1 : 0;
    }
    return count;
  }

  /** Whether anything is watched or guarded, if only in part, or will be as soon as it is there. */
  public boolean hasAny() {
    if (kernelObjects > 0) {
      return true;
    }
    for (PathState path : paths) {
      if (path.state() != PathState.State.FAILED) {
        return true;
      }
    }
    return false;
  }
}

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

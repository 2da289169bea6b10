package dev.custos.spi;

import java.util.List;

/**
 * What came of a plan: a row for each path that it asks for, in the plan's order.
 *
 * @param kernelObjects how many inotify watches, fanotify marks or the like report on this target
 *     now; what a backend keeps beside, to follow a path that may change, does not count
 */
public record ApplyReport(List<PathState> paths, int kernelObjects) {
  public ApplyReport {
    paths = List.copyOf(paths);
  }
}

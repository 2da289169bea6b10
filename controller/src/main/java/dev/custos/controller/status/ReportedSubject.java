package dev.custos.controller.status;

import dev.custos.controller.snapshot.ResourceKey;
import java.util.Map;

/**
 * What an agent says of the paths of one subject in one container.
 *
 * @param index the place in the resource's {@code spec.subjects}, from 0
 * @param container the container's id, as in the snapshot
 * @param paths how each stands
 */
public record ReportedSubject(
    ResourceKey resource, int index, String container, Map<String, PathStatus> paths) {
  public ReportedSubject {
    paths = Map.copyOf(paths);
  }
}

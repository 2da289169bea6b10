package dev.custos.controller.snapshot;

import java.util.Set;

/**
 * Whom a change concerns.
 *
 * @param nodes whose snapshot may differ now
 * @param resources whose status may differ now
 */
public record ClusterChange(Set<String> nodes, Set<ResourceKey> resources) {
  public static final ClusterChange NONE = new ClusterChange(Set.of(), Set.of());

  public ClusterChange {
    nodes = Set.copyOf(nodes);
    resources = Set.copyOf(resources);
  }
}

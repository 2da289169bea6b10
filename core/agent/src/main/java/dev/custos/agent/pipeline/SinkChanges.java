package dev.custos.agent.pipeline;

import java.util.List;

/** What a reconfiguration came to, as names of sinks. */
public record SinkChanges(
    List<String> added, List<String> changed, List<String> removed, List<String> kept) {
  public SinkChanges {
    added = List.copyOf(added);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
    kept = List.copyOf(kept);
  }
}

package dev.custos.controller.server.simulation;

import dev.custos.snapshot.NodeSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** Which node was sent what, and has said that it applied it. Thread-safe. */
final class Acknowledgements {
  /**
   * A container that a node is to hear of.
   *
   * @param versions of the snapshots that hold it; an agent answers the newest alone if it is slow
   */
  private record Expected(String container, long since, Set<String> versions, LongConsumer taken) {}

  private final Map<String, String> sent = new HashMap<>();
  private final Map<String, String> applied = new HashMap<>();
  private final Map<String, List<Expected>> expected = new HashMap<>();

  /** Forgets what was sent and applied so far. */
  synchronized void begin() {
    sent.clear();
    applied.clear();
  }

  /** How many nodes have applied something. */
  synchronized int nodes() {
    return applied.size();
  }

  /** Whether that many nodes have applied what they were sent last. */
  synchronized boolean areComplete(int nodes) {
    return applied.size() == nodes && applied.equals(sent);
  }

  /**
   * From now on until the node has applied a snapshot with this container.
   *
   * @param taken given the nanoseconds
   */
  synchronized void expect(String node, String container, LongConsumer taken) {
    expected
        .computeIfAbsent(node, n -> new ArrayList<>())
        .add(new Expected(container, System.nanoTime(), new HashSet<>(), taken));
  }

  synchronized void sent(NodeSnapshot snapshot) {
    sent.put(snapshot.node(), snapshot.version());
    for (Expected waiting : expected.getOrDefault(snapshot.node(), List.of())) {
      if (snapshot.targets().stream().anyMatch(t -> t.id().equals(waiting.container()))) {
        waiting.versions().add(snapshot.version());
      }
    }
  }

  synchronized void applied(String node, String version) {
    applied.put(node, version);
    expected
        .getOrDefault(node, new ArrayList<>())
        .removeIf(
            waiting -> {
              boolean has = waiting.versions().contains(version);
              if (has) {
                waiting.taken().accept(System.nanoTime() - waiting.since());
              }
              return has;
            });
  }
}

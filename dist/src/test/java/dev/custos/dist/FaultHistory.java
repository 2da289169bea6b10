package dev.custos.dist;

import dev.custos.dist.ReceivedEvents.Loss;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was done to a world and when, and which losses that explains. */
final class FaultHistory {
  /**
   * How long something was away.
   *
   * @param to null as long as it is
   */
  private record Outage(Instant from, Instant to) {
    boolean touches(Loss loss) {
      return !loss.to().isBefore(from) && (to == null || !loss.from().isAfter(to));
    }
  }

  private final List<String> lines = new ArrayList<>();
  // Of agents by the names of their nodes, and of containers by those of their pods.
  private final Map<String, List<Outage>> outages = new HashMap<>();

  void say(Object what) {
    String line = Instant.now() + " " + what;
    System.out.println("faults: " + line);
    lines.add(line);
  }

  /** A node's agent or a pod's container is about to be killed. */
  void ends(String name) {
    say(name + " is killed");
    outages.computeIfAbsent(name, key -> new ArrayList<>()).add(new Outage(Instant.now(), null));
  }

  /** It runs again. */
  void isBack(String name) {
    say(name + " is back");
    outages
        .get(name)
        .replaceAll(one -> one.to() == null ? new Outage(one.from(), Instant.now()) : one);
  }

  /** Whether something was away then whose absence has to be told so. */
  boolean explains(Loss loss) {
    boolean agent = wasAway(loss.node(), loss);
    boolean container = loss.subject() != null && wasAway(loss.subject().pod(), loss);
    return switch (loss.reason()) {
      case "agent-down" -> agent;
      case "container-restarted" -> container;
      case "unguarded" -> agent || container;
      default -> false;
    };
  }

  private boolean wasAway(String name, Loss loss) {
    return outages.getOrDefault(name, List.of()).stream().anyMatch(outage -> outage.touches(loss));
  }

  /** A line for each thing that was done. */
  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}

package dev.custos.controller.status;

import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.status.ReportedSubject.PathState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last report of every node whose agent is connected. A node without an agent has none: nobody
 * can say any more what is watched there. Thread-safe.
 */
public final class NodeReports {
  private record Row(int index, String container) {}

  private static final class Report {
    private final String version;
    private final Map<ResourceKey, Map<Row, ReportedSubject>> rows = new HashMap<>();

    Report(String version) {
      this.version = version;
    }

    void put(ReportedSubject subject) {
      rows.computeIfAbsent(subject.resource(), r -> new HashMap<>())
          .put(new Row(subject.index(), subject.container()), subject);
    }
  }

  private final Map<String, Report> byNode = new HashMap<>();

  /**
   * What came of a snapshot; replaces all that was known of the node.
   *
   * @return the resources whose status may differ now
   */
  public synchronized Set<ResourceKey> applied(
      String node, String version, List<ReportedSubject> subjects) {
    Report report = new Report(version);
    subjects.forEach(report::put);
    Report previous = byNode.put(node, report);
    Set<ResourceKey> concerned = new HashSet<>(report.rows.keySet());
    if (previous != null) {
      concerned.addAll(previous.rows.keySet());
    }
    return concerned;
  }

  /**
   * Some paths stand differently now, under the snapshot that was applied last. What is about
   * another snapshot, or about a subject that its report did not hold, is out of date and passed
   * over.
   *
   * @return the resources whose status may differ now
   */
  public synchronized Set<ResourceKey> changed(
      String node, String version, List<ReportedSubject> subjects) {
    Report report = byNode.get(node);
    if (report == null || !report.version.equals(version)) {
      return Set.of();
    }
    Set<ResourceKey> concerned = new HashSet<>();
    for (ReportedSubject change : subjects) {
      ReportedSubject old =
          report
              .rows
              .getOrDefault(change.resource(), Map.of())
              .get(new Row(change.index(), change.container()));
      if (old != null) {
        Map<String, PathState> paths = new HashMap<>(old.paths());
        change.paths().forEach((path, state) -> paths.replace(path, state));
        report.put(
            new ReportedSubject(change.resource(), change.index(), change.container(), paths));
        concerned.add(change.resource());
      }
    }
    return concerned;
  }

  /**
   * The node's agent is gone.
   *
   * @return the resources whose status may differ now
   */
  public synchronized Set<ResourceKey> gone(String node) {
    Report previous = byNode.remove(node);
    return previous == null ? Set.of() : Set.copyOf(previous.rows.keySet());
  }

  /**
   * The containers of a node in which at least one path is served for a resource.
   *
   * @param version of the snapshot that this is about
   */
  public record Served(String version, Set<String> containers) {}

  /** What a node serves for a resource; of no version if nothing is known of the node. */
  public synchronized Served served(String node, ResourceKey resource) {
    Report report = byNode.get(node);
    if (report == null) {
      return new Served("", Set.of());
    }
    Set<String> containers = new HashSet<>();
    for (ReportedSubject subject : report.rows.getOrDefault(resource, Map.of()).values()) {
      if (subject.servesAny()) {
        containers.add(subject.container());
      }
    }
    return new Served(report.version, containers);
  }
}

package dev.custos.controller.status;

import dev.custos.controller.snapshot.ResourceKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What is known of every node: whether its agent is connected, what that reported last, and why it
 * may have no use for its snapshot. A node without an agent has no report: nobody can say any more
 * what is watched there. Thread-safe.
 */
public final class NodeReports {
  /** A subject in a container. */
  private record Row(int index, String container) {}

  /** Why a node does not get a snapshot, and which. */
  private record Fault(String version, NodeFault fault) {}

  private static final class Node {
    private boolean connected;
    private long absentSince;
    private String version = "";
    private final Map<ResourceKey, Map<Row, ReportedSubject>> rows = new HashMap<>();
    private Fault fault;
    private String wanted = "";

    void put(ReportedSubject subject) {
      rows.computeIfAbsent(subject.resource(), r -> new HashMap<>())
          .put(new Row(subject.index(), subject.container()), subject);
    }
  }

  private final LongSupplier nanos;
  private final long began;
  private final Map<String, Node> nodes = new HashMap<>();

  /**
   * @param nanos a clock that never goes back, as {@link System#nanoTime}
   */
  public NodeReports(LongSupplier nanos) {
    this.nanos = nanos;
    this.began = nanos.getAsLong();
  }

  /** The node's agent is there, and has reported nothing yet. */
  public synchronized void connected(String node) {
    Node fresh = new Node();
    fresh.connected = true;
    nodes.put(node, fresh);
  }

  /**
   * What came of a snapshot; replaces all that was known of the node.
   *
   * @return the resources whose status may differ now
   */
  public synchronized Set<ResourceKey> applied(
      String node, String version, List<ReportedSubject> subjects) {
    Node here = nodes.computeIfAbsent(node, n -> new Node());
    Set<ResourceKey> concerned = new HashSet<>(here.rows.keySet());
    here.connected = true;
    here.version = version;
    here.rows.clear();
    subjects.forEach(here::put);
    concerned.addAll(here.rows.keySet());
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
    Node here = nodes.get(node);
    if (here == null || !here.version.equals(version)) {
      return Set.of();
    }
    Set<ResourceKey> concerned = new HashSet<>();
    for (ReportedSubject change : subjects) {
      ReportedSubject old =
          here.rows
              .getOrDefault(change.resource(), Map.of())
              .get(new Row(change.index(), change.container()));
      if (old != null) {
        Map<String, PathStatus> paths = new HashMap<>(old.paths());
        change.paths().forEach(paths::replace);
        here.put(new ReportedSubject(change.resource(), change.index(), change.container(), paths));
        concerned.add(change.resource());
      }
    }
    return concerned;
  }

  /** A snapshot can't come into force on a node, which goes on with the one before. */
  public synchronized void faulty(String node, String version, NodeFault fault) {
    Node here = nodes.get(node);
    // An agent may refuse one while the next is on its way to it, and has no fault.
    if (here != null && (here.wanted.isEmpty() || here.wanted.equals(version))) {
      here.fault = new Fault(version, fault);
    }
  }

  /**
   * The node is to have this snapshot; a fault of another one is of no interest any more.
   *
   * @return whether there was one
   */
  public synchronized boolean wanted(String node, String version) {
    Node here = nodes.get(node);
    if (here != null) {
      here.wanted = version;
    }
    if (here == null || here.fault == null || here.fault.version().equals(version)) {
      return false;
    }
    here.fault = null;
    return true;
  }

  /**
   * The node's agent is gone.
   *
   * @return the resources whose status may differ now
   */
  public synchronized Set<ResourceKey> gone(String node) {
    Node previous = nodes.remove(node);
    Node absent = new Node();
    absent.absentSince = nanos.getAsLong();
    // Nodes come and go with the cloud's prices; one that is long gone is like one never seen.
    nodes
        .values()
        .removeIf(
            n -> !n.connected && absent.absentSince - n.absentSince > Assessment.GRACE.toNanos());
    nodes.put(node, absent);
    return previous == null ? Set.of() : Set.copyOf(previous.rows.keySet());
  }

  /** What is known of a node as far as a resource is concerned. A copy. */
  synchronized NodeView view(String node, ResourceKey resource) {
    Node here = nodes.get(node);
    if (here == null || !here.connected) {
      long since = here == null ? began : here.absentSince;
      return NodeView.absent(Duration.ofNanos(nanos.getAsLong() - since));
    }
    Map<NodeView.Place, Map<String, PathStatus>> rows = new HashMap<>();
    here.rows
        .getOrDefault(resource, Map.of())
        .forEach(
            (row, subject) ->
                rows.put(new NodeView.Place(row.index(), row.container()), subject.paths()));
    return new NodeView(
        true, Duration.ZERO, here.version, rows, here.fault == null ? null : here.fault.fault());
  }
}

package dev.custos.controller.status;

import dev.custos.controller.crd.Coverage;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a resource stands, counted from what agents reported about this very generation of it.
 *
 * @param selected uids of the pods that the selector matches
 * @param served those of them in which a path is served, with their names
 * @param faults why nodes serve none of some container's paths, in the order of the nodes' names
 * @param faultKind of the first of them; null if there are none
 * @param absent nodes that paths are asked for on and whose agents have not been there for longer
 *     than {@link #GRACE}
 * @param graceLeft until a node whose agent is not there will be one of {@link #absent}; empty if
 *     there is no such node
 */
record Assessment(
    long generation,
    Set<String> selected,
    Map<String, String> served,
    Coverage coverage,
    List<String> faults,
    NodeFault.Kind faultKind,
    Set<String> absent,
    Optional<Duration> graceLeft) {
  /** An agent that is back within this time was merely restarted, or the controller was. */
  static final Duration GRACE = Duration.ofSeconds(30);

  int observable() {
    return selected.size();
  }

  static Assessment of(
      DesiredResource resource, ClusterState state, SnapshotCache cache, NodeReports reports) {
    Counting counting = new Counting(resource, cache, reports);
    state.selectedBy(resource).forEach(counting::add);
    return counting.result();
  }

  /** A path that is not active, and where. */
  private record Missing(String pod, String container, String path, PathStatus status) {
    /** Failed ones first: they wait for somebody to do something. */
    static final Comparator<Missing> ORDER =
        Comparator.comparing((Missing m) -> m.status().state())
            .reversed()
            .thenComparing(Missing::pod)
            .thenComparing(Missing::container)
            .thenComparing(Missing::path)
            .thenComparing(m -> m.status().reason());

    Coverage.InactivePath shown() {
      return new Coverage.InactivePath(
          pod,
          container,
          Texts.bounded(path, Texts.LONGEST_PATH),
          status.reason().isEmpty()
              ? "the agent gave no reason"
              : Texts.bounded(status.reason(), Texts.LONGEST_REASON));
    }
  }

  private static final class Counting {
    private final DesiredResource resource;
    private final SnapshotCache cache;
    private final NodeReports reports;
    private final List<Set<String>> subjects;
    private final Map<String, NodeView> views = new HashMap<>();
    private final Set<String> selected = new HashSet<>();
    private final Map<String, String> served = new HashMap<>();
    private int active;
    private int pending;
    private int failed;
    // The worst at the head, to make room for a better one: no more than the first few are kept.
    private final PriorityQueue<Missing> missing = new PriorityQueue<>(Missing.ORDER.reversed());
    private final Map<String, NodeFault> faults = new TreeMap<>();
    private final Set<String> absent = new TreeSet<>();
    private Optional<Duration> graceLeft = Optional.empty();

    Counting(DesiredResource resource, SnapshotCache cache, NodeReports reports) {
      this.resource = resource;
      this.cache = cache;
      this.reports = reports;
      this.subjects = AskedPaths.of(resource.manifest());
    }

    void add(PlacedPod pod) {
      selected.add(pod.uid());
      if (pod.pod().containers().isEmpty()) {
        return;
      }
      NodeView node = views.computeIfAbsent(pod.node(), this::look);
      boolean any = false;
      for (ContainerOnNode container : pod.pod().containers()) {
        for (int i = 0; i < subjects.size(); i++) {
          Map<String, PathStatus> reported =
              node.rows().getOrDefault(new NodeView.Place(i, container.id()), Map.of());
          for (String path : subjects.get(i)) {
            PathStatus status = reported.get(path);
            if (status == null) {
              status = unreported(pod.node(), node);
            }
            any |= status.isActive();
            count(pod, container, path, status);
          }
        }
      }
      if (any) {
        served.put(pod.uid(), pod.pod().name());
      }
    }

    private void count(PlacedPod pod, ContainerOnNode container, String path, PathStatus status) {
      switch (status.state()) {
        case ACTIVE -> active++;
        case PENDING -> pending++;
        case FAILED -> failed++;
      }
      if (!status.isActive()) {
        missing.add(new Missing(pod.pod().name(), container.name(), path, status));
        if (missing.size() > Coverage.MOST_NAMED) {
          missing.poll();
        }
      }
    }

    /** What the node reported, unless that is about another generation of the resource. */
    private NodeView look(String node) {
      NodeView view = reports.view(node, resource.key());
      if (!view.connected()) {
        if (view.absentFor().compareTo(GRACE) >= 0) {
          absent.add(node);
        } else {
          Duration left = GRACE.minus(view.absentFor());
          if (graceLeft.isEmpty() || left.compareTo(graceLeft.get()) < 0) {
            graceLeft = Optional.of(left);
          }
        }
      }
      OptionalLong generation = cache.generation(node, view.version(), resource.key());
      boolean aboutThisSpec =
          generation.isPresent() && generation.getAsLong() == resource.generation();
      return aboutThisSpec ? view : view.withoutRows();
    }

    /** Nobody has said how the path stands, and this is why. */
    private PathStatus unreported(String node, NodeView view) {
      if (!view.connected()) {
        return PathStatus.pending("agent of node " + node + " not connected");
      }
      if (view.fault() != null) {
        faults.put(node, view.fault());
        return PathStatus.failed(view.fault().of(node));
      }
      if (view.version().isEmpty()) {
        return PathStatus.pending("agent of node " + node + " has not reported yet");
      }
      return PathStatus.pending(
          "agent of node "
              + node
              + (view.rows().isEmpty()
                  ? " has not applied generation " + resource.generation() + " yet"
                  : " has not reported on this container yet"));
    }

    Assessment result() {
      Coverage coverage =
          new Coverage(
              active + pending + failed,
              active,
              pending,
              failed,
              missing.stream().sorted(Missing.ORDER).map(Missing::shown).toList());
      return new Assessment(
          resource.generation(),
          selected,
          served,
          coverage,
          faults.entrySet().stream().map(f -> f.getValue().of(f.getKey())).toList(),
          faults.values().stream().map(NodeFault::kind).findFirst().orElse(null),
          absent,
          graceLeft);
    }
  }
}

package dev.custos.snapshot;

import dev.custos.manifest.WatchEvents;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that one node has to watch and to guard. It travels whole, so that restart, reconnect,
 * update and comparison are one path.
 *
 * @param version a digest of the rest: equal content, equal version
 * @param targets in the order of their ids
 */
public record NodeSnapshot(String version, String node, List<Target> targets) {
  /** The id of the one target of a host that runs without Kubernetes. */
  public static final String HOST = "host";

  /**
   * A container, or the host.
   *
   * @param id the container id as {@code containerStatuses[].containerID} gives it, or {@link
   *     #HOST}
   */
  public record Target(
      String id,
      String namespace,
      String pod,
      String podUid,
      String container,
      Map<String, String> labels,
      List<WatchSubject> watches,
      List<GuardSubject> guards) {
    public Target {
      labels = sorted(labels);
      watches = List.copyOf(watches);
      guards = List.copyOf(guards);
    }
  }

  /** One entry of one resource's {@code spec.subjects}; {@code index} counts from 0. */
  public record Owner(String kind, String namespace, String name, int index) {}

  /**
   * What to watch.
   *
   * @param logFormat the line template in force, the kind's default filled in
   * @param tags in the order of their keys
   */
  public record WatchSubject(
      Owner owner,
      String logFormat,
      Map<String, String> tags,
      List<String> paths,
      Set<WatchEvents.Change> events,
      List<String> ignore,
      boolean onlyDir,
      boolean recursive,
      int maxDepth,
      boolean followMove) {
    public WatchSubject {
      tags = sorted(tags);
      paths = List.copyOf(paths);
      events = Set.copyOf(events);
      ignore = List.copyOf(ignore);
    }
  }

  /**
   * What to guard.
   *
   * @param logFormat the line template in force, the kind's default filled in
   * @param tags in the order of their keys
   * @param leftOut events that were asked for and have no permission event behind them
   */
  public record GuardSubject(
      Owner owner,
      String logFormat,
      Map<String, String> tags,
      List<String> allow,
      List<String> deny,
      Set<Permission> events,
      List<String> leftOut,
      List<String> ignore,
      boolean onlyDir,
      boolean recursive,
      int maxDepth,
      boolean wholeMount,
      boolean autoAllowOwner,
      boolean audit,
      boolean observe,
      boolean reportAll,
      List<String> executables,
      List<Integer> uids) {
    public GuardSubject {
      tags = sorted(tags);
      allow = List.copyOf(allow);
      deny = List.copyOf(deny);
      events = Set.copyOf(events);
      leftOut = List.copyOf(leftOut);
      ignore = List.copyOf(ignore);
      executables = List.copyOf(executables);
      uids = List.copyOf(uids);
    }
  }

  /** What fanotify(7) can ask about; the constant's name is the one that is printed. */
  public enum Permission {
    OPEN_PERM,
    ACCESS_PERM,
    OPEN_EXEC_PERM
  }

  public NodeSnapshot {
    targets = List.copyOf(targets);
  }

  /** A copy that iterates in the order of its keys: in every run, tags are printed alike. */
  private static Map<String, String> sorted(Map<String, String> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }
}

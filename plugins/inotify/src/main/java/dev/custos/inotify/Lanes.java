package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.BackendException;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which instance watches what: one for each target, and one more for each remote file system of a
 * target on which paths are watched, so that a server that does not answer holds up those alone.
 * Instances are few on a node, and others need them, too: the kubelet does for logs that are
 * followed. So beyond a number targets share them. Not thread-safe.
 */
final class Lanes {
  /** What one instance does for a target; {@code mount} is {@link RemoteMounts#NONE} for most. */
  record Lane(String target, String mount) {
    boolean isRemote() {
      return !mount.equals(RemoteMounts.NONE);
    }

    private Lane local() {
      return new Lane(target, RemoteMounts.NONE);
    }
  }

  /** A lane's share of a target's plan, and who is to carry it out. */
  record Part(Lane lane, Instance instance, WatchPlan plan) {}

  /** Makes an instance for a lane. */
  interface Opener {
    Instance open(WatchPlan plan) throws NativeException;
  }

  private final Map<Lane, Instance> instances = new LinkedHashMap<>();
  private final Map<String, Map<Watch, Lane>> assigned = new HashMap<>();
  private final Opener opener;
  private final int most;

  /**
   * Has no instance yet.
   *
   * @param most how many instances to have while they can be shared
   */
  Lanes(Opener opener, int most) {
    this.opener = opener;
    this.most = most;
  }

  /** A part for each lane that the target needs or has; one that it does not need is empty. */
  List<Part> split(WatchPlan plan) throws BackendException {
    String target = plan.target().id();
    Map<Watch, Lane> before = assigned.getOrDefault(target, Map.of());
    Map<Watch, Lane> now = new LinkedHashMap<>();
    RemoteMounts mounts = null;
    for (Watch watch : plan.watches()) {
      Lane lane = before.get(watch);
      if (lane == null) {
        mounts = mounts == null ? RemoteMounts.read(plan.target().mountTable()) : mounts;
        lane = ready(new Lane(target, mounts.of(watch.path())), plan);
      }
      now.put(watch, lane);
    }
    assigned.put(target, now);
    Map<Lane, List<Watch>> watches = new LinkedHashMap<>();
    now.forEach((watch, lane) -> watches.computeIfAbsent(lane, l -> new ArrayList<>()).add(watch));
    List<Part> parts = new ArrayList<>();
    instances.forEach(
        (lane, instance) -> {
          if (lane.target().equals(target)) {
            List<Watch> its = watches.getOrDefault(lane, List.of());
            parts.add(new Part(lane, instance, new WatchPlan(plan.target(), its)));
          }
        });
    return parts;
  }

  private Lane ready(Lane lane, WatchPlan plan) throws BackendException {
    if (instances.containsKey(lane)) {
      return lane;
    }
    boolean isFull = new HashSet<>(instances.values()).size() >= most;
    if (isFull && (lane.isRemote() || share(lane))) {
      return lane.isRemote() ? ready(lane.local(), plan) : lane;
    }
    try {
      instances.put(lane, opener.open(plan));
    } catch (NativeException e) {
      // Better to share an instance, and its queue, than not to watch at all.
      if (lane.isRemote()) {
        return ready(lane.local(), plan);
      }
      if (!share(lane)) {
        throw new BackendException("inotify_init1: " + Limits.instancesReason(e.errno()), e);
      }
    }
    return lane;
  }

  /** Returns false if there is nobody to share with. */
  private boolean share(Lane lane) {
    Instance shared = leastShared(lane.target());
    if (shared != null) {
      instances.put(lane, shared);
    }
    return shared != null;
  }

  /** Of other targets, because an instance has one plan for each. */
  private Instance leastShared(String target) {
    Map<Instance, Integer> uses = new HashMap<>();
    instances.forEach(
        (lane, instance) -> {
          if (!lane.isRemote() && !lane.target().equals(target)) {
            uses.merge(instance, 1, Integer::sum);
          }
        });
    return uses.entrySet().stream()
        .min(Comparator.comparing(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  /** A lane has nothing to do any more; returns its instance if no other lane uses it, or null. */
  Instance remove(Lane lane) {
    Instance instance = instances.remove(lane);
    if (instances.keySet().stream().noneMatch(l -> l.target().equals(lane.target()))) {
      assigned.remove(lane.target());
    }
    return instance == null || instances.containsValue(instance) ? null : instance;
  }

  /** Every instance, as often as it is used. */
  Collection<Instance> instances() {
    return instances.values();
  }

  void clear() {
    instances.clear();
    assigned.clear();
  }
}

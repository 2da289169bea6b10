package dev.custos.agent.desired;

import dev.custos.agent.container.OpenedTarget;
import dev.custos.agent.container.Opening;
import dev.custos.agent.container.ProcessExits;
import dev.custos.agent.container.TargetOpener;
import dev.custos.linux.NativeException;
import dev.custos.linux.PidFd;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Target;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which targets are open, why others are not, and since when a container has been away. Its owner's
 * monitor guards it.
 */
final class OpenTargets {
  /** Bounds what is remembered of containers that ended and never came back. */
  private static final int MOST_ENDED = 4096;

  /** A container through all its restarts, each of which gives it another id. */
  private record Role(String podUid, String container) {
    static Role of(NodeSnapshot.Target target) {
      return new Role(target.podUid(), target.container());
    }
  }

  private final TargetOpener opener;
  private final Clock clock;
  private final ProcessExits exits;
  private final Map<String, OpenedTarget> open = new LinkedHashMap<>();
  private final Map<String, Role> roles = new HashMap<>();
  private final Map<String, Opening> missing = new HashMap<>();
  private final Map<String, OpenedTarget> leaving = new HashMap<>();
  private final Map<Role, Instant> ended =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Role, Instant> eldest) {
          return size() > MOST_ENDED;
        }
      };

  OpenTargets(TargetOpener opener, Clock clock, Consumer<OpenedTarget> onExit) {
    this.opener = opener;
    this.clock = clock;
    this.exits = new ProcessExits(onExit);
  }

  /**
   * Opens those that are not open, in one look at the node. Returns the ids of those that are now.
   */
  List<String> open(Collection<NodeSnapshot.Target> wanted, String node) {
    Map<String, NodeSnapshot.Target> closed = new LinkedHashMap<>();
    for (NodeSnapshot.Target target : wanted) {
      if (leaving.containsKey(target.id())) {
        missing.put(target.id(), new Opening.Pending("its last run is being let go of"));
      } else if (!open.containsKey(target.id())) {
        closed.put(target.id(), target);
      }
    }
    List<String> opened = new ArrayList<>();
    if (closed.isEmpty()) {
      return opened;
    }
    opener
        .open(closed.values(), node)
        .forEach(
            (id, opening) -> {
              if (opening instanceof Opening.Opened one) {
                missing.remove(id);
                open.put(id, one.target());
                roles.put(id, Role.of(closed.get(id)));
                watchExit(one.target());
                opened.add(id);
              } else {
                missing.put(id, opening);
              }
            });
    return opened;
  }

  private void watchExit(OpenedTarget target) {
    try {
      exits.watch(target);
    } catch (NativeException e) {
      // eventfd(2) fails when there are no descriptors left, and then nothing here works.
      throw new IllegalStateException("the container's exit can't be waited for", e);
    }
  }

  /** Null if it is not open. */
  Target get(String id) {
    OpenedTarget opened = open.get(id);
    return opened == null ? null : opened.target();
  }

  /** Why it is not open. */
  Opening missing(String id) {
    return missing.getOrDefault(id, new Opening.Pending("it is being looked for"));
  }

  /** Why each is not open that was looked for, as it stands now. */
  Map<String, Opening> missing() {
    return Map.copyOf(missing);
  }

  /**
   * Whether it is worth another look. Also where the last one found that it can't be had: what that
   * was found by may be another container's doing, or be about to change.
   */
  boolean isMissing(NodeSnapshot.Target wanted) {
    return !open.containsKey(wanted.id()) && !leaving.containsKey(wanted.id());
  }

  /** When the run before this one ended, once; null if there was none that we know of. */
  Instant takeEnd(NodeSnapshot.Target wanted) {
    return ended.remove(Role.of(wanted));
  }

  /** Those that are not open were when a run before this one ended, and have ended since. */
  void endedBefore(Collection<NodeSnapshot.Target> wanted, Instant since) {
    for (NodeSnapshot.Target target : wanted) {
      if (!open.containsKey(target.id())) {
        ended.putIfAbsent(Role.of(target), since);
      }
    }
  }

  /** Whether it is this very opening that is open: each has descriptors of its own. */
  boolean has(OpenedTarget target) {
    return target.equals(open.get(target.target().id()));
  }

  /** Those that are open. */
  List<OpenedTarget> all() {
    return List.copyOf(open.values());
  }

  /** Takes a target out; what it holds open stays so until {@link #left}. */
  void leave(OpenedTarget target) {
    String id = target.target().id();
    exits.forget(target);
    open.remove(id);
    Role role = roles.remove(id);
    leaving.put(id, target);
    if (hasEnded(target.target())) {
      missing.put(id, new Opening.Pending("its process has ended"));
      ended.put(role, clock.instant());
    }
  }

  /** Whether it is a container's, and its process has ended. */
  static boolean hasEnded(Target target) {
    try {
      return target.pidFd().isPresent() && !PidFd.isAlive(target.pidFd().getAsInt());
    } catch (NativeException e) {
      return false;
    }
  }

  /** Nobody uses the target any more. */
  void left(OpenedTarget target) {
    leaving.remove(target.target().id());
    target.close();
  }

  /** Forgets why targets are not open that nobody wants any more. */
  void retain(Set<String> wanted) {
    missing.keySet().retainAll(wanted);
  }

  void close() {
    exits.close();
    open.values().forEach(OpenedTarget::close);
    leaving.values().forEach(OpenedTarget::close);
    open.clear();
    leaving.clear();
  }
}

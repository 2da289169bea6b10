package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.MountTable;
import dev.custos.spi.event.FilePath;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One target's part of what a {@link Follower} hears: in which directories which names matter. Made
 * anew at each look at the target, while what the last look asked for still counts.
 */
final class Followed {
  private static final long SECOND = 1_000_000_000L;
  private static final long RETRY = 10 * SECOND;
  // After a look that took a while there is a pause of so many times as long.
  private static final int PAUSE = 4;

  private final Follower follower;
  private final Runnable look;

  /** Where mounts change; the follower closes it. */
  final MountTable mounts;

  private volatile Look last = new Look();
  private volatile Look next = last;

  // The follower's; guarded by it.
  private boolean dirty;
  private boolean looking;
  private long earliest = System.nanoTime();
  private long retryAt = Long.MAX_VALUE;

  /** What one look wants to hear of. Filled by one thread, asked by the follower's. */
  final class Look implements Follow {
    private final Map<Integer, Set<FilePath>> names = new ConcurrentHashMap<>();
    private final Map<FilePath, Integer> known = new ConcurrentHashMap<>();
    private final Set<Integer> whole = ConcurrentHashMap.newKeySet();
    private volatile String problem = "";

    @Override
    public void name(int dirFd, FilePath directory, FilePath name) {
      int wd = watch(dirFd, directory);
      if (wd >= 0) {
        names.computeIfAbsent(wd, w -> ConcurrentHashMap.newKeySet()).add(name);
      }
    }

    @Override
    public void everything(int dirFd, FilePath directory) {
      int wd = watch(dirFd, directory);
      if (wd >= 0) {
        whole.add(wd);
      }
    }

    private int watch(int dirFd, FilePath directory) {
      Integer wd = known.get(directory);
      if (wd == null) {
        wd = follower.watch(dirFd, Followed.this);
        known.put(directory, wd);
        if (wd < 0) {
          problem = "changes are not followed everywhere: inotify_add_watch: " + explain(-wd);
        }
      }
      return wd;
    }

    private boolean watches(int wd) {
      return names.containsKey(wd) || whole.contains(wd);
    }

    private boolean wants(int wd, FilePath name) {
      Set<FilePath> some = names.get(wd);
      return whole.contains(wd) || (some != null && (name.isEmpty() || some.contains(name)));
    }

    String problem() {
      return problem;
    }

    /** The look is over: what only the one before wanted is forgotten. */
    void done() {
      Look before = last;
      last = this;
      if (before != this) {
        before.names.keySet().forEach(this::forgetUnlessWatched);
        before.whole.forEach(this::forgetUnlessWatched);
      }
    }

    private void forgetUnlessWatched(int wd) {
      if (!watches(wd)) {
        follower.forget(wd, Followed.this);
      }
    }
  }

  Followed(Follower follower, MountTable mounts, Runnable look) {
    this.follower = follower;
    this.mounts = mounts;
    this.look = look;
  }

  private static String explain(int errno) {
    return errno == Errno.ENOSPC
        ? "ENOSPC, fs.inotify.max_user_watches is reached; raise it"
        : Errno.name(errno);
  }

  /** Begins a look. */
  Look begin() {
    next = new Look();
    return next;
  }

  /** Whether this event may have changed what the target's paths lead to. */
  boolean wants(int wd, FilePath name) {
    return last.wants(wd, name) || next.wants(wd, name);
  }

  void markDirty() {
    dirty = true;
  }

  /** How long until this wants to be looked at, in nanoseconds; MAX_VALUE if it does not. */
  long dueIn(long now) {
    if (looking || (!dirty && retryAt == Long.MAX_VALUE)) {
      return Long.MAX_VALUE;
    }
    return dirty ? Math.max(0, earliest - now) : Math.max(0, retryAt - now);
  }

  /** The look that is due; runs on a thread of its own. */
  Runnable start() {
    dirty = false;
    looking = true;
    retryAt = Long.MAX_VALUE;
    return () -> {
      long began = System.nanoTime();
      try {
        look.run();
      } finally {
        follower.looked(this, System.nanoTime() - began);
      }
    };
  }

  void looked(long nanos) {
    long now = System.nanoTime();
    looking = false;
    earliest = now + PAUSE * nanos;
    if (!last.problem().isEmpty()) {
      retryAt = now + RETRY;
    }
  }
}

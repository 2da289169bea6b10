package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.MountTable;
import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import dev.custos.spi.event.FilePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Hears of changes that may lead a plan's paths elsewhere, by one inotify instance for all targets
 * (the kernel gives out few) and by their mount tables, and has the target looked at again. A look
 * runs on a thread of its own: a target whose file system does not answer holds up no other. What
 * is heard here decides nothing by itself, so that an overflow of the kernel's queue costs a look
 * at every target and no more.
 */
final class Follower implements AutoCloseable {
  private final InotifyDescriptor inotify;
  private final Poller poller;
  private final ThreadFactory threads;
  private final Thread thread;
  private final Map<Integer, Set<Followed>> users = new HashMap<>();
  private final Set<Followed> targets = new HashSet<>();
  private boolean closed;

  Follower(ThreadFactory threads) throws NativeException {
    this.threads = threads;
    this.inotify = InotifyDescriptor.open();
    try {
      this.poller = new Poller();
    } catch (NativeException e) {
      inotify.close();
      throw e;
    }
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  /**
   * Begins to hear of changes in a target.
   *
   * @param look what to run when there were some, never twice at once
   */
  Followed follow(Path mountTable, Runnable look) throws NativeException {
    MountTable mounts;
    try {
      mounts = MountTable.open(mountTable);
    } catch (NativeException e) {
      throw e;
    } catch (IOException e) {
      throw new NativeException("read", mountTable.toString(), Errno.EIO);
    }
    Followed followed = new Followed(this, mounts, look);
    synchronized (this) {
      targets.add(followed);
    }
    poller.wakeup();
    return followed;
  }

  /** Ends that; a look that runs is not waited for. */
  void leave(Followed followed) {
    List<Integer> unused = new ArrayList<>();
    synchronized (this) {
      targets.remove(followed);
      // The thread may be polling it at this moment, or its number, if that is given out again:
      // then
      // a target that is none any more is marked, and that is all.
      followed.mounts.close();
      users
          .entrySet()
          .removeIf(
              entry -> {
                boolean last = entry.getValue().remove(followed) && entry.getValue().isEmpty();
                return last && unused.add(entry.getKey());
              });
      unused.forEach(this::remove);
    }
    poller.wakeup();
  }

  /**
   * Watches a directory. The call only looks at an inode that is in memory, so it may be made under
   * the lock; without it, another target's {@link #forget} could come between.
   *
   * @return the watch, or the negated errno
   */
  synchronized int watch(int dirFd, Followed followed) {
    if (closed || !targets.contains(followed)) {
      return -Errno.EBADF;
    }
    int wd = inotify.add(dirFd);
    if (wd >= 0) {
      users.computeIfAbsent(wd, w -> new HashSet<>()).add(followed);
    }
    return wd;
  }

  synchronized void forget(int wd, Followed followed) {
    Set<Followed> some = users.get(wd);
    if (some != null && some.remove(followed) && some.isEmpty()) {
      users.remove(wd);
      remove(wd);
    }
  }

  private void remove(int wd) {
    if (!closed) {
      inotify.remove(wd);
    }
  }

  void looked(Followed followed, long nanos) {
    synchronized (this) {
      followed.looked(nanos);
    }
    poller.wakeup();
  }

  private void run() {
    try {
      while (true) {
        List<Followed> polled = arm();
        if (polled == null) {
          return;
        }
        poller.await(timeout());
        if (poller.isReady(0)) {
          while (inotify.read(this::event)) {
            // Until the queue is empty: one look makes good for all of it.
          }
        }
        mountsChanged(polled);
        startDue();
      }
    } catch (NativeException e) {
      throw new IllegalStateException("changes can't be followed any more: " + e.getMessage(), e);
    }
  }

  private synchronized List<Followed> arm() {
    if (closed) {
      return null;
    }
    poller.clear();
    poller.add(inotify.number(), Poller.READABLE);
    List<Followed> polled = new ArrayList<>(targets);
    polled.forEach(followed -> poller.add(followed.mounts.number(), Poller.CHANGED));
    return polled;
  }

  private synchronized int timeout() {
    long now = System.nanoTime();
    long least = Long.MAX_VALUE;
    for (Followed followed : targets) {
      least = Math.min(least, followed.dueIn(now));
    }
    // Rounded up, so that it is due when this is over.
    return least == Long.MAX_VALUE
        ? -1
        : (int) Math.min(TimeUnit.NANOSECONDS.toMillis(least + 999_999), Integer.MAX_VALUE);
  }

  private synchronized void mountsChanged(List<Followed> polled) {
    for (int i = 0; i < polled.size(); i++) {
      if (poller.isReady(i + 1)) {
        polled.get(i).markDirty();
      }
    }
  }

  private synchronized void event(int wd, int mask, byte[] name) {
    if ((mask & InotifyDescriptor.Q_OVERFLOW) != 0) {
      targets.forEach(Followed::markDirty);
      return;
    }
    boolean gone = (mask & InotifyDescriptor.IGNORED) != 0;
    Set<Followed> some = gone ? users.remove(wd) : users.get(wd);
    if (some != null) {
      FilePath path = FilePath.ofBytes(name);
      some.stream().filter(f -> gone || f.wants(wd, path)).forEach(Followed::markDirty);
    }
  }

  private void startDue() {
    List<Runnable> due = new ArrayList<>();
    synchronized (this) {
      long now = System.nanoTime();
      for (Followed followed : targets) {
        if (followed.dueIn(now) == 0) {
          due.add(followed.start());
        }
      }
    }
    due.forEach(look -> threads.newThread(look).start());
  }

  /** Ends the thread. Looks that run end by themselves. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    poller.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      inotify.close();
    }
    poller.close();
  }
}

package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.NONE;

import dev.custos.inotify.TreeScanner.Mode;
import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Ties subscriptions to what their paths lead to, and ties them anew whenever that changes. A path
 * is walked name by name below the target's root, and each directory on the way gets an anchor for
 * the next name: so a path that is missing, deleted, replaced or reached through another link is
 * seen when it happens, and never polled for.
 */
final class Attachments {
  private static final int LINKS_AT_MOST = 40; // as the kernel itself, path_resolution(7)

  private final Forest forest;
  private final Kernel kernel;
  private final Reporter reporter;
  private final TreeScanner scanner;
  private LongSupplier position;
  private Consumer<Moves.Held> redeliver;
  private boolean anyDirty;

  Attachments(Forest forest, Kernel kernel, Reporter reporter, TreeScanner scanner) {
    this.forest = forest;
    this.kernel = kernel;
    this.reporter = reporter;
    this.scanner = scanner;
  }

  /**
   * How much of the queue was taken, and what takes events that waited; set once, before anything
   * happens.
   */
  void connect(LongSupplier position, Consumer<Moves.Held> redeliver) {
    this.position = position;
    this.redeliver = redeliver;
  }

  /** The subscription's path may lead elsewhere now. */
  void touch(Subscription s) {
    s.dirty = true;
    anyDirty = true;
  }

  boolean isPending() {
    return anyDirty;
  }

  /** Looks at every path that was touched. */
  void run() {
    while (anyDirty) {
      anyDirty = false;
      for (Subscription s : forest.subscriptions()) {
        if (s.dirty) {
          s.dirty = false;
          attach(s);
        }
      }
    }
  }

  private void attach(Subscription s) {
    int before = s.root == NONE ? -1 : forest.places.wd(s.root);
    // What is in the queue already, the walk is going to see: only later changes contradict it.
    s.lookedAt = position.getAsLong() + kernel.inotify.unread();
    look(s);
    List<Moves.Held> held = s.letGo();
    if (s.root != NONE && forest.places.wd(s.root) == before) {
      held.forEach(redeliver);
    }
  }

  private void look(Subscription s) {
    if (s.followed != null && s.root != NONE) {
      follow(s);
    }
    IntStack anchors = new IntStack();
    int fd = walk(s, anchors);
    // The old anchors go after the new ones are in place: no name is unwatched for a moment.
    IntStack old = s.anchors;
    s.anchors = anchors;
    forest.dropAnchors(old);
    s.stateChanged = true;
    if (fd < 0) {
      detach(s, obstacle(s, -fd));
    } else {
      try {
        tie(s, fd);
      } finally {
        Kernel.close(fd);
      }
    }
    s.attached = true;
    s.remounted = false;
  }

  private PathState obstacle(Subscription s, int errno) {
    FilePath path = s.watch.path();
    if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
      return PathState.pending(
          s.watch.subject(), path, "does not exist yet; watched as soon as it appears");
    }
    String reason = Kernel.isLimit(errno) ? Limits.watchesReason() : Errno.name(errno);
    return PathState.failed(s.watch.subject(), path, "\"" + path + "\": " + reason);
  }

  private void detach(Subscription s, PathState obstacle) {
    s.obstacle = obstacle;
    if (s.root != NONE) {
      tellOfMount(s);
      forest.release(s.root);
    }
    if (s.followed != null) {
      s.followed.close();
      s.followed = null;
    }
    if (!s.path().equals(s.watch.path())) {
      // What was followed is gone. From now on the subject is what its owner wrote.
      s.path(s.watch.path());
      forest.forgetPaths();
      touch(s);
    }
  }

  /** The mount table may tell of it before the kernel's queue does, or alone. */
  private void tellOfMount(Subscription s) {
    if (s.remounted && !s.unmounted) {
      String detail = "a file system was mounted or unmounted on the way to " + s.path();
      reporter.lost(s, s.path(), LossReason.UNMOUNTED, detail);
    }
  }

  private void tie(Subscription s, int fd) {
    int unknown = kernel.status.of(fd);
    if (unknown != 0) {
      detach(s, obstacle(s, unknown));
      return;
    }
    boolean isDirectory = kernel.status.isDirectory();
    if (s.watch.onlyDir() && !isDirectory) {
      FilePath path = s.watch.path();
      String reason = "\"" + path + "\" is not a directory, and onlyDir asks for one";
      detach(s, PathState.failed(s.watch.subject(), path, reason));
      return;
    }
    s.rootIsDirectory = isDirectory;
    int wd = kernel.watch(fd, s.rootMask());
    if (wd < 0) {
      detach(s, obstacle(s, -wd));
      return;
    }
    s.obstacle = null;
    if (s.root != NONE && forest.places.wd(s.root) == wd) {
      return;
    }
    if (s.root != NONE) {
      tellOfMount(s);
      forest.release(s.root);
    }
    if (forest.places.firstOf(wd) == NONE && !forest.hasRoom()) {
      forest.discardIfUnused(wd);
      String reason = "\"" + s.watch.path() + "\": " + forest.noRoomReason();
      detach(s, PathState.failed(s.watch.subject(), s.watch.path(), reason));
      return;
    }
    int root = forest.addRoot(s, wd);
    keepReach(s, fd);
    boolean isNews = s.attached && !s.remounted;
    if (isNews) {
      int mask = s.syntheticKind() | (isDirectory ? Mask.ISDIR : 0);
      reporter.change(s, s.path(), FilePath.EMPTY, mask, 0, true);
    }
    if (isDirectory && (s.watch.recursive() || isNews)) {
      scanner.add(root, isNews ? Mode.NEWS : Mode.QUIET);
    }
  }

  // --- followMove

  private void keepReach(Subscription s, int fd) {
    if (!s.watch.followMove()) {
      return;
    }
    if (s.followed != null) {
      s.followed.close();
    }
    int own = kernel.opener.openChild(fd, new byte[] {'.'}, 0, 1, Access.HANDLE);
    if (own < 0) {
      own = kernel.opener.tryOpenInRoot(s.target().rootFd(), s.pathBytes(), Access.HANDLE);
    }
    s.followed = own < 0 ? null : new FileDescriptor(own);
  }

  /** Takes the path that the kernel knows the moved subject by, if it leads to the same file. */
  private void follow(Subscription s) {
    try {
      byte[] root = kernel.opener.pathOf(s.target().rootFd());
      byte[] path = kernel.opener.pathOf(s.followed.number());
      if (root.length > 1) {
        boolean below =
            path.length > root.length
                && path[root.length] == '/'
                && Arrays.equals(root, 0, root.length, path, 0, root.length);
        if (!below) {
          return;
        }
        path = Arrays.copyOfRange(path, root.length, path.length);
      }
      int fd = kernel.opener.tryOpenInRoot(s.target().rootFd(), path, Access.HANDLE);
      if (fd >= 0) {
        int wd = kernel.watch(fd, s.rootMask());
        Kernel.close(fd);
        if (wd == forest.places.wd(s.root)) {
          s.path(FilePath.ofBytes(path));
          forest.forgetPaths();
        } else {
          forest.discardIfUnused(wd);
        }
      }
    } catch (NativeException e) {
      // The descriptor can't be read back: then the subject is looked for at its own path.
      s.stateChanged = true;
    }
  }

  // --- the walk

  /** Opens what the path leads to; the negated errno if that is not there. */
  private int walk(Subscription s, IntStack anchors) {
    Deque<byte[]> names = new ArrayDeque<>();
    push(names, s.pathBytes());
    IntStack directories = new IntStack();
    int rootFd = s.target().rootFd();
    int links = 0;
    try {
      while (true) {
        int at = directories.isEmpty() ? rootFd : directories.peek();
        if (names.isEmpty()) {
          return kernel.opener.openChild(at, new byte[] {'.'}, 0, 1, Access.HANDLE);
        }
        byte[] name = names.pop();
        if (isDots(name)) {
          if (name.length == 2 && !directories.isEmpty()) {
            Kernel.close(directories.pop());
          }
          continue;
        }
        int failure = anchor(s, anchors, at, name);
        if (failure < 0) {
          return failure;
        }
        int fd = kernel.opener.openChild(at, name, 0, name.length, Access.HANDLE_NOFOLLOW);
        if (fd < 0) {
          return fd;
        }
        int unknown = kernel.status.of(fd);
        if (unknown != 0) {
          Kernel.close(fd);
          return -unknown;
        }
        if (kernel.status.isSymbolicLink()) {
          byte[] target = readLink(fd);
          if (target == null || ++links > LINKS_AT_MOST) {
            return -Errno.ELOOP;
          }
          if (target.length > 0 && target[0] == '/') {
            closeAll(directories);
          }
          push(names, target);
        } else if (names.isEmpty()) {
          return fd;
        } else if (kernel.status.isDirectory()) {
          directories.push(fd);
        } else {
          Kernel.close(fd);
          return -Errno.ENOTDIR;
        }
      }
    } finally {
      s.throughLinks = links > 0;
      closeAll(directories);
    }
  }

  private int anchor(Subscription s, IntStack anchors, int directory, byte[] name) {
    int wd = kernel.watch(directory, Mask.NAMES | Mask.MASK_ADD | Mask.ONLYDIR);
    if (wd >= 0) {
      anchors.push(forest.addAnchor(s, wd, name));
      return 0;
    }
    return Kernel.isLimit(-wd) ? wd : 0; // an unreadable directory may still be walked through
  }

  private byte[] readLink(int fd) {
    try {
      return kernel.opener.readLink(fd);
    } catch (NativeException e) {
      return null;
    } finally {
      Kernel.close(fd);
    }
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  private static void push(Deque<byte[]> names, byte[] path) {
    int end = path.length;
    while (end > 0) {
      int start = end;
      while (start > 0 && path[start - 1] != '/') {
        start--;
      }
      if (start < end) {
        names.push(Arrays.copyOfRange(path, start, end));
      }
      end = start - 1;
    }
  }

  private static void closeAll(IntStack descriptors) {
    while (!descriptors.isEmpty()) {
      Kernel.close(descriptors.pop());
    }
  }
}

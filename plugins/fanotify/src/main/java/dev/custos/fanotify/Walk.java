package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.event.FilePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Follows a path from a target's root on, a name at a time, as a process with that root directory
 * would: path_resolution(7). A walk in one call would be shorter, but it would ask whatever file
 * system it comes through, and one that does not answer would hold it in the kernel; here each step
 * is checked before it is taken. It also notes which names, if they changed, would lead the path
 * elsewhere. Not thread-safe.
 */
final class Walk implements AutoCloseable {
  // As the kernel has it: MAXSYMLINKS.
  private static final int LINKS = 40;
  static final int NO_FD = -1;
  private static final FilePath ROOT = FilePath.of("/");

  private final int rootFd;
  private final PathOpener opener;
  private final ObjectReader objects;
  private final Territory territory;
  private final Follow follow;

  private final List<Step> steps = new ArrayList<>();
  private final Deque<FilePath> names = new ArrayDeque<>();
  private int links;
  // Whether the steps are the names of the last path and nothing else, so that the next path can go
  // on from where it leaves them: many paths of a plan are in few directories.
  private boolean plain;

  /** A directory on the way, or the end of it. */
  private record Step(FileDescriptor fd, FilePath path, FilePath name, boolean directory) {}

  /**
   * Where a path leads.
   *
   * @param fd what is there, to be closed; null if there is nothing or it is refused
   * @param errno why nothing is there, or 0
   * @param refusal why what is on the way can't be looked into; empty if all can
   * @param path where it is, without symbolic links; or would be
   * @param parentFd the directory it is in or would be; {@link #NO_FD} for the root, and where even
   *     that is not there
   */
  record End(
      FileDescriptor fd,
      int errno,
      String refusal,
      FilePath path,
      int parentFd,
      FilePath parent,
      FilePath name)
      implements AutoCloseable {
    @Override
    public void close() {
      if (fd != null) {
        fd.close();
      }
    }
  }

  Walk(int rootFd, PathOpener opener, ObjectReader objects, Territory territory, Follow follow) {
    this.rootFd = rootFd;
    this.opener = opener;
    this.objects = objects;
    this.territory = territory;
    this.follow = follow;
  }

  /** Goes as far as it can. The end's parent is good until the next walk. */
  End to(FilePath path) throws NativeException {
    links = 0;
    names.clear();
    push(path);
    goBackToCommon();
    plain = true;
    while (!names.isEmpty()) {
      End early = step(names.pop());
      if (early != null) {
        return early;
      }
    }
    return arrived();
  }

  /** Leaves the steps that the last walk and this one have in common, and takes off their names. */
  private void goBackToCommon() {
    int common = 0;
    while (plain
        && common < steps.size()
        && names.size() > 1
        && steps.get(common).name().equals(names.peek())) {
      names.pop();
      common++;
    }
    closeFrom(common);
  }

  private void closeFrom(int first) {
    while (steps.size() > first) {
      steps.remove(steps.size() - 1).fd().close();
    }
  }

  @Override
  public void close() {
    closeFrom(0);
  }

  private End step(FilePath name) throws NativeException {
    if (isDots(name, 1)) {
      return null;
    }
    if (isDots(name, 2)) {
      plain = false;
      closeFrom(Math.max(0, steps.size() - 1));
      return null;
    }
    Step top = steps.isEmpty() ? null : steps.get(steps.size() - 1);
    FilePath directory = top == null ? ROOT : top.path();
    int dirFd = top == null ? rootFd : top.fd().number();
    if (top != null && !top.directory()) {
      return stopped(Errno.ENOTDIR, "", directory.resolve(name));
    }
    String refusal = territory.refusal(dirFd);
    if (!refusal.isEmpty()) {
      return stopped(0, refusal, directory.resolve(name));
    }
    follow.name(dirFd, directory, name);
    byte[] bytes = name.toByteArray();
    int fd = opener.openChild(dirFd, bytes, 0, bytes.length, Access.HANDLE_NOFOLLOW);
    if (fd < 0) {
      return missing(-fd, directory, name);
    }
    return arrive(new FileDescriptor(fd), directory, name);
  }

  private End arrive(FileDescriptor fd, FilePath directory, FilePath name) throws NativeException {
    int errno = objects.look(fd.number());
    if (errno != 0) {
      fd.close();
      return stopped(errno, "", directory.resolve(name));
    }
    if (objects.status().isSymbolicLink()) {
      try (fd) {
        return goThrough(FilePath.ofBytes(opener.readLink(fd.number())), directory.resolve(name));
      }
    }
    boolean isDirectory = objects.status().isDirectory();
    steps.add(new Step(fd, directory.resolve(name), name, isDirectory));
    return null;
  }

  private End goThrough(FilePath target, FilePath link) {
    if (++links > LINKS) {
      return stopped(Errno.ELOOP, "", link);
    }
    plain = false;
    if (!target.isEmpty() && target.byteAt(0) == '/') {
      closeFrom(0);
    }
    push(target);
    return null;
  }

  /** Puts the names of a path before those still to go. */
  private void push(FilePath path) {
    byte[] bytes = path.toByteArray();
    int end = bytes.length;
    for (int i = bytes.length - 1; i >= -1; i--) {
      if (i < 0 || bytes[i] == '/') {
        if (end > i + 1) {
          names.push(FilePath.ofBytes(bytes, i + 1, end - i - 1));
        }
        end = i;
      }
    }
  }

  private static boolean isDots(FilePath name, int count) {
    if (name.length() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (name.byteAt(i) != '.') {
        return false;
      }
    }
    return true;
  }

  private End arrived() {
    if (steps.isEmpty()) {
      int fd = opener.openChild(rootFd, new byte[] {'.'}, 0, 1, Access.HANDLE);
      return fd < 0
          ? stopped(-fd, "", ROOT)
          : new End(new FileDescriptor(fd), 0, "", ROOT, NO_FD, ROOT, FilePath.EMPTY);
    }
    Step last = steps.remove(steps.size() - 1);
    String refusal = territory.refusal(last.fd().number());
    if (!refusal.isEmpty()) {
      last.fd().close();
      return stopped(0, refusal, last.path());
    }
    FilePath parent = steps.isEmpty() ? ROOT : steps.get(steps.size() - 1).path();
    return new End(last.fd(), 0, "", last.path(), parentFd(), parent, last.name());
  }

  private End missing(int errno, FilePath directory, FilePath name) {
    boolean isLast = names.stream().allMatch(rest -> isDots(rest, 1));
    if (!isLast || errno != Errno.ENOENT) {
      return stopped(errno, "", directory.resolve(name));
    }
    return new End(null, errno, "", directory.resolve(name), parentFd(), directory, name);
  }

  private int parentFd() {
    return steps.isEmpty() ? rootFd : steps.get(steps.size() - 1).fd().number();
  }

  private static End stopped(int errno, String refusal, FilePath at) {
    return new End(null, errno, refusal, at, NO_FD, ROOT, FilePath.EMPTY);
  }
}

package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Opens a path below a target's root only if the kernel has all of it in its cache: openat2(2) with
 * RESOLVE_CACHED. So it asks no file system anything and waits for none, FUSE included, whatever a
 * container has mounted where. Makes no object; not thread-safe.
 */
final class CachedLookup {
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final long RESOLVE_CACHED = 0x20;
  private static final int HOW_SIZE = 24;
  // The walk also gives up where a rename anywhere ran beside it.
  private static final int TRIES = 8;
  private static final byte[] DOT = {'.'};

  private final int rootFd;
  private final PathBuffer path = new PathBuffer();
  private final ByteBuffer how = ByteBuffer.allocateDirect(HOW_SIZE).order(ByteOrder.nativeOrder());

  CachedLookup(int rootFd) {
    this.rootFd = rootFd;
    how.putLong(0, Fanotify.O_PATH | Fanotify.O_CLOEXEC);
    how.putLong(16, RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT | RESOLVE_CACHED);
    int fd = open(DOT, 0, 1);
    if (fd == -Errno.EINVAL) {
      // Before Linux 5.12 there is no such flag; asking the file system is better than denying all.
      how.putLong(16, RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT);
    } else if (fd >= 0) {
      FanotifyLibrary.CALLS.close(fd);
    }
  }

  /** A handle on what is at a path, the empty one being the root, or the negated errno. */
  int open(byte[] source, int offset, int length) {
    return open(rootFd, source, offset, length);
  }

  /** The same from a directory below the root on. */
  int open(int dirFd, byte[] source, int offset, int length) {
    int errno = Errno.EAGAIN;
    for (int i = 0; i < TRIES && errno == Errno.EAGAIN; i++) {
      ByteBuffer name = length == 0 ? path.path(DOT, 0, 1) : path.path(source, offset, length);
      long fd = FanotifyLibrary.CALLS.syscall(Fanotify.SYS_OPENAT2, dirFd, name, how, HOW_SIZE);
      if (fd >= 0) {
        return (int) fd;
      }
      errno = FanotifyLibrary.errno();
    }
    return -errno;
  }
}

package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Opens paths below a directory that somebody else controls, so that neither a symbolic link nor
 * {@code ..} nor a swap of either while we look leads out of it: openat2(2) with RESOLVE_IN_ROOT.
 * Not thread-safe: it reuses its buffers.
 */
public final class PathOpener {
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final int HOW_SIZE = 24;
  // openat2 answers EAGAIN when a rename ran beside a ".." on the way; the man page says: try
  // again.
  private static final int TRIES = 64;

  private final PathBuffer path = new PathBuffer();
  private final ByteBuffer how = ByteBuffer.allocateDirect(HOW_SIZE).order(ByteOrder.nativeOrder());

  /** An O_PATH descriptor of a directory by a path that we trust, such as {@code /}. */
  public static FileDescriptor openRoot(String trustedPath) throws NativeException {
    byte[] bytes = trustedPath.getBytes(StandardCharsets.UTF_8);
    requireFit("open", bytes, 0, bytes.length);
    int flags = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
    int fd = Libc.LIBRARY.openat(-1, PathBuffer.once(bytes), flags, 0);
    if (fd < 0) {
      throw new NativeException("open", trustedPath, Libc.errno());
    }
    return new FileDescriptor(fd);
  }

  /** What a descriptor is opened for. */
  public enum Access {
    /** A handle on whatever is there, symbolic links followed; raises no event. */
    HANDLE(Libc.O_PATH),
    /** A handle on what is there itself, also if that is a symbolic link; raises no event. */
    HANDLE_NOFOLLOW(Libc.O_PATH | Libc.O_NOFOLLOW),
    /** A directory whose entries are to be read. */
    DIRECTORY(Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NONBLOCK);

    private final int flags;

    Access(int flags) {
      this.flags = flags | Libc.O_CLOEXEC;
    }
  }

  /**
   * Opens {@code pathname} as a process whose root directory is {@code rootFd} would, symbolic
   * links and all. Longer paths than PATH_MAX are walked in steps; there, what leads out of a later
   * step, an absolute link or {@code ..}, is refused with EXDEV.
   *
   * @throws NativeException ENOENT, EACCES, ELOOP, ... as openat2(2) lists them; EINVAL for a path
   *     that holds a NUL
   */
  public FileDescriptor openInRoot(int rootFd, byte[] pathname, Access access)
      throws NativeException {
    if (pathname.length < PathBuffer.PATH_MAX) {
      return openat2(rootFd, pathname, 0, pathname.length, access, RESOLVE_IN_ROOT);
    }
    return openInSteps(rootFd, pathname, access);
  }

  private FileDescriptor openInSteps(int rootFd, byte[] pathname, Access access)
      throws NativeException {
    int length = pathname.length;
    while (length > 1 && pathname[length - 1] == '/') {
      length--;
    }
    FileDescriptor at = null;
    int start = 0;
    try {
      while (length - start >= PathBuffer.PATH_MAX) {
        int end = start + PathBuffer.PATH_MAX - 1;
        while (end > start && pathname[end] != '/') {
          end--;
        }
        if (end == start) {
          throw new NativeException("openat2", "", Errno.ENAMETOOLONG);
        }
        FileDescriptor next = openStep(rootFd, at, pathname, start, end, Access.HANDLE);
        if (at != null) {
          at.close();
        }
        at = next;
        start = end + 1;
        while (pathname[start] == '/') {
          start++;
        }
      }
      return openStep(rootFd, at, pathname, start, length, access);
    } finally {
      if (at != null) {
        at.close();
      }
    }
  }

  /**
   * Opens a part of a long path. In a later step only that directory is known and not the way back
   * to the root, so a link that needs it would be taken for another file there: it is an error.
   */
  private FileDescriptor openStep(
      int rootFd, FileDescriptor at, byte[] pathname, int start, int end, Access access)
      throws NativeException {
    return at == null
        ? openat2(rootFd, pathname, start, end - start, access, RESOLVE_IN_ROOT)
        : openat2(at.number(), pathname, start, end - start, access, RESOLVE_BENEATH);
  }

  private FileDescriptor openat2(
      int dirFd, byte[] source, int offset, int length, Access access, long resolve)
      throws NativeException {
    requireFit("openat2", source, offset, length);
    int fd = tryOpenat2(dirFd, source, offset, length, access, resolve);
    if (fd < 0) {
      throw failure("openat2", source, offset, length, -fd);
    }
    return new FileDescriptor(fd);
  }

  private int tryOpenat2(
      int dirFd, byte[] source, int offset, int length, Access access, long resolve) {
    how.putLong(0, access.flags).putLong(8, 0).putLong(16, resolve | RESOLVE_NO_MAGICLINKS);
    int errno = 0;
    for (int i = 0; i < TRIES; i++) {
      long fd =
          Libc.LIBRARY.syscall(
              Libc.SYS_OPENAT2, dirFd, path.path(source, offset, length), how, HOW_SIZE);
      if (fd >= 0) {
        return (int) fd;
      }
      errno = Libc.errno();
      if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
        break;
      }
    }
    return -errno;
  }

  /**
   * Opens an entry of an open directory, never through a symbolic link.
   *
   * @return the descriptor, or the negated errno: that an entry is gone is no exception
   */
  public int openChild(int dirFd, byte[] name, int offset, int length, Access access) {
    int fd =
        Libc.LIBRARY.openat(
            dirFd, path.path(name, offset, length), access.flags | Libc.O_NOFOLLOW, 0);
    return fd >= 0 ? fd : -Libc.errno();
  }

  /**
   * As {@link #openInRoot}, without an exception and without an object.
   *
   * @return the descriptor, or the negated errno
   */
  public int tryOpenInRoot(int rootFd, byte[] pathname, Access access) {
    try {
      if (pathname.length < PathBuffer.PATH_MAX) {
        return tryOpenat2(rootFd, pathname, 0, pathname.length, access, RESOLVE_IN_ROOT);
      }
      return openInSteps(rootFd, pathname, access).release();
    } catch (NativeException e) {
      return -e.errno();
    }
  }

  /** What a symbolic link says; {@code linkFd} has the link itself open, by HANDLE_NOFOLLOW. */
  public byte[] readLink(int linkFd) throws NativeException {
    ByteBuffer target = ByteBuffer.allocateDirect(PathBuffer.PATH_MAX);
    long n =
        Libc.LIBRARY.readlinkat(linkFd, path.path(new byte[0], 0, 0), target, PathBuffer.PATH_MAX);
    return linkText("readlinkat", target, n);
  }

  /** The path by which the kernel knows what a descriptor has open; only a hint, see proc(5). */
  public byte[] pathOf(int fd) throws NativeException {
    ByteBuffer target = ByteBuffer.allocateDirect(PathBuffer.PATH_MAX);
    long n = Libc.LIBRARY.readlink(path.descriptor(fd), target, PathBuffer.PATH_MAX);
    return linkText("readlink", target, n);
  }

  private static byte[] linkText(String call, ByteBuffer target, long n) throws NativeException {
    if (n < 0) {
      throw new NativeException(call, "", Libc.errno());
    }
    byte[] bytes = new byte[(int) n];
    target.get(bytes);
    return bytes;
  }

  /** A NUL would end the path for the kernel, which then opened another file than was named. */
  private static void requireFit(String call, byte[] source, int offset, int length)
      throws NativeException {
    if (length >= PathBuffer.PATH_MAX) {
      throw failure(call, source, offset, length, Errno.ENAMETOOLONG);
    }
    for (int i = offset; i < offset + length; i++) {
      if (source[i] == 0) {
        throw failure(call, source, offset, length, Errno.EINVAL);
      }
    }
  }

  private static NativeException failure(
      String call, byte[] source, int offset, int length, int errno) {
    byte[] part = Arrays.copyOfRange(source, offset, offset + length);
    return new NativeException(call, printable(part), errno);
  }

  private static String printable(byte[] path) {
    StringBuilder text = new StringBuilder(path.length);
    for (byte b : path) {
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b & 0xff));
      }
    }
    return text.toString();
  }
}

package dev.custos.fanotify;

import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;

/**
 * The path of an open object as its target sees it, by readlink(2) of {@code /proc/self/fd/N}: what
 * the process opened it by, without symbolic links. Where a target's root is not a mount's, its
 * prefix is taken away. A process in another mount namespace may show any path here. Reused for
 * many and makes no object; not thread-safe.
 */
final class EventPath {
  private static final byte[] DELETED = {' ', '(', 'd', 'e', 'l', 'e', 't', 'e', 'd', ')'};

  private final byte[] prefix;
  private final PathBuffer link = new PathBuffer();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PathBuffer.PATH_MAX);
  private final long address = FanotifyLibrary.address(buffer);
  private final byte[] bytes = new byte[PathBuffer.PATH_MAX];
  private int start;
  private int length;
  private boolean present;

  /** Paths of the target whose root this descriptor has open. */
  static EventPath below(int rootFd) {
    EventPath whole = whole();
    byte[] prefix = whole.read(rootFd, false) ? whole.copy() : new byte[0];
    return new EventPath(prefix);
  }

  /** Paths as this process sees them. */
  static EventPath whole() {
    return new EventPath(new byte[0]);
  }

  private EventPath(byte[] prefix) {
    this.prefix = prefix;
  }

  /**
   * Reads a path.
   *
   * @param deleted whether the object has no name any more
   * @return whether there is one below the target's root
   */
  boolean read(int fd, boolean deleted) {
    start = 0;
    length = 0;
    present = false;
    int n =
        (int)
            FanotifyLibrary.CALLS.readlink(
                link.addressOfDescriptor(fd), address, PathBuffer.PATH_MAX);
    // As long as the buffer: it may have been cut.
    if (n <= 0 || n == PathBuffer.PATH_MAX) {
      return false;
    }
    buffer.get(0, bytes, 0, n);
    int end = deleted && endsDeleted(n) ? n - DELETED.length : n;
    if (bytes[0] != '/' || !startsWithPrefix(end)) {
      return false;
    }
    start = prefix.length;
    // The root itself is the empty path, so that it is the directory of what is right below it.
    length = end == start + 1 && bytes[start] == '/' ? 0 : end - start;
    present = true;
    return true;
  }

  private boolean endsDeleted(int n) {
    int from = n - DELETED.length;
    for (int i = 0; i < DELETED.length; i++) {
      if (from < 0 || bytes[from + i] != DELETED[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean startsWithPrefix(int end) {
    if (end < prefix.length || (end > prefix.length && bytes[prefix.length] != '/')) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the last {@link #read} found a path. */
  boolean hasPath() {
    return present;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Where in {@link #bytes} the path begins. */
  int start() {
    return start;
  }

  /** 0 for the target's root, and where there is no path. */
  int length() {
    return length;
  }

  /** How long the path of the directory is that this one is in, or -1 if it is in none. */
  int parentLength() {
    for (int i = length - 1; i >= 0; i--) {
      if (bytes[start + i] == '/') {
        return i;
      }
    }
    return -1;
  }

  /** Changes where the path does. */
  int hash() {
    int h = length;
    for (int i = 0; i < length; i++) {
      h = 31 * h + bytes[start + i];
    }
    return h;
  }

  byte[] copy() {
    byte[] copy = new byte[length];
    System.arraycopy(bytes, start, copy, 0, length);
    return copy;
  }
}

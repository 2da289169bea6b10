package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A reused direct buffer that holds a NUL-terminated path for a system call. Paths go to the kernel
 * as bytes: a String would go through a character set first. Not thread-safe.
 */
public final class PathBuffer {
  /** What the kernel takes at most, with the NUL: PATH_MAX of limits.h. */
  public static final int PATH_MAX = 4096;

  private static final byte[] PROC_SELF_FD = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PATH_MAX + 64);
  private final long address = Libc.address(buffer);
  private boolean descriptors;

  /**
   * A buffer of its own, and no longer than the path, for what is opened once: a buffer lives until
   * the collector finds it, and hundreds of targets are opened at a time.
   */
  static ByteBuffer once(byte[] path) {
    return ByteBuffer.allocateDirect(path.length + 1).put(path).put((byte) 0).clear();
  }

  /** The path that {@code length} bytes of {@code source} spell. */
  public ByteBuffer path(byte[] source, int offset, int length) {
    descriptors = false;
    buffer.clear();
    buffer.put(source, offset, length).put((byte) 0);
    return buffer.clear();
  }

  /** {@code /proc/self/fd/N}: a path to the very object that a descriptor has open. */
  public ByteBuffer descriptor(int fd) {
    buffer.clear();
    putDescriptor(fd);
    buffer.put((byte) 0);
    return buffer.clear();
  }

  /** The address of what {@link #descriptor} returns; cheap if it was called before. */
  public long addressOfDescriptor(int fd) {
    if (!descriptors || fd >= 1000) {
      descriptor(fd);
      descriptors = fd < 1000;
      return address;
    }
    int at = PROC_SELF_FD.length;
    if (fd >= 100) {
      buffer.put(at++, (byte) ('0' + fd / 100));
    }
    if (fd >= 10) {
      buffer.put(at++, (byte) ('0' + fd / 10 % 10));
    }
    buffer.put(at, (byte) ('0' + fd % 10)).put(at + 1, (byte) 0);
    return address;
  }

  /** {@code /proc/self/fd/N/name}: an entry of the directory that a descriptor has open. */
  public ByteBuffer child(int dirFd, byte[] source, int offset, int length) {
    descriptors = false;
    buffer.clear();
    putDescriptor(dirFd);
    buffer.put((byte) '/').put(source, offset, length).put((byte) 0);
    return buffer.clear();
  }

  private void putDescriptor(int fd) {
    buffer.put(PROC_SELF_FD);
    int divisor = 1;
    while (fd / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      buffer.put((byte) ('0' + fd / divisor % 10));
    }
  }
}

package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What statx(2) tells of one object. Reused for many: {@link #of} fills it. Not thread-safe, and
 * raises no event.
 */
public final class FileStatus {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_MNT_ID = 0x1000;
  private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFLNK = 0xa000;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
  private final long bufferAddress = Libc.address(buffer);
  private final PathBuffer path = new PathBuffer();
  private final ByteBuffer noName = ByteBuffer.allocateDirect(1);
  private final long noNameAddress = Libc.address(noName);

  /**
   * Looks at the object that a descriptor has open.
   *
   * @return 0, or the errno
   */
  public int of(int fd) {
    return itself(fd, AT_EMPTY_PATH);
  }

  /**
   * Looks at the object that a descriptor has open, by what the kernel knows already: a server that
   * does not answer is not waited for.
   *
   * @return 0, or the errno
   */
  public int ofKnown(int fd) {
    return itself(fd, AT_EMPTY_PATH | AT_STATX_DONT_SYNC);
  }

  private int itself(int fd, int flags) {
    int mask = STATX_BASIC_STATS | STATX_MNT_ID;
    int result = Libc.LIBRARY.statx(fd, noNameAddress, flags, mask, bufferAddress);
    return result == 0 ? 0 : Libc.errno();
  }

  /**
   * Looks at an entry of an open directory, not through a symbolic link, and without mounting what
   * an automounter would put there.
   *
   * @return 0, or the errno
   */
  public int ofChild(int dirFd, byte[] name, int offset, int length) {
    int result =
        Libc.LIBRARY.statx(
            dirFd,
            path.path(name, offset, length),
            AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
            STATX_BASIC_STATS | STATX_MNT_ID,
            buffer);
    return result == 0 ? 0 : Libc.errno();
  }

  public boolean isDirectory() {
    return (mode() & S_IFMT) == S_IFDIR;
  }

  public boolean isRegularFile() {
    return (mode() & S_IFMT) == S_IFREG;
  }

  public boolean isSymbolicLink() {
    return (mode() & S_IFMT) == S_IFLNK;
  }

  private int mode() {
    return buffer.getShort(28) & 0xffff;
  }

  /** Permission bits, with set-user-id, set-group-id and sticky. */
  public int permissions() {
    return mode() & 0xfff;
  }

  /** The owner's user id, as we number it. */
  public long owner() {
    return buffer.getInt(20) & 0xffffffffL;
  }

  public int links() {
    return buffer.getInt(16);
  }

  public long inode() {
    return buffer.getLong(32);
  }

  /**
   * The mount that the object was reached through, by the number that proc_pid_mountinfo(5) lists;
   * 0 where the kernel does not tell, before Linux 5.8.
   */
  public long mountId() {
    return (buffer.getInt(0) & STATX_MNT_ID) == 0 ? 0 : buffer.getLong(144);
  }

  /**
   * Whether the object is at the root of the mount that it was reached through; also where the
   * kernel does not tell, before Linux 5.8.
   */
  public boolean mayBeMountRoot() {
    return (buffer.getLong(56) & STATX_ATTR_MOUNT_ROOT) == 0
        || (buffer.getLong(8) & STATX_ATTR_MOUNT_ROOT) != 0;
  }

  /** When anything about the object was last changed (ctime), in nanoseconds since 1970. */
  public long changeNanos() {
    return buffer.getLong(96) * 1_000_000_000L + buffer.getInt(104);
  }

  /** Major and minor number of the file system's device, as one comparable value. */
  public long device() {
    return (long) buffer.getInt(136) << 32 | (buffer.getInt(140) & 0xffffffffL);
  }
}

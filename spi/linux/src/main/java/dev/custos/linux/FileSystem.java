package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What kind of file system a descriptor is on, by fstatfs(2)'s magic number. */
public final class FileSystem {
  private static final long EXT = 0xef53L;
  private static final long XFS = 0x58465342L;
  private static final long TMPFS = 0x01021994L;
  private static final long F2FS = 0xf2f52010L;

  private FileSystem() {}

  /** The magic number of statfs(2), or 0 if the file system does not answer the question. */
  public static long magic(int fd) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());
    return Libc.LIBRARY.fstatfs(fd, buffer) == 0 ? buffer.getLong(0) : 0;
  }

  /** Whether a directory's link count here is 2 plus the number of its sub-directories. */
  public static boolean countsSubdirectoriesAsLinks(long magic) {
    return magic == EXT || magic == XFS || magic == TMPFS || magic == F2FS;
  }
}

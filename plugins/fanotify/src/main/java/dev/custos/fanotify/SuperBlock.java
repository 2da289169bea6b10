package dev.custos.fanotify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells file systems apart, whatever device numbers their objects show: on an overlay, files have
 * those of the layer that they are in. Makes no object; not thread-safe.
 */
final class SuperBlock {
  private static final int AT_FSID = 56;

  private final ByteBuffer statfs = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());

  /**
   * statfs(2)'s id of the file system that a descriptor is on; where it has none, the device.
   *
   * @param device as {@link dev.custos.linux.FileStatus#device()} gives it
   */
  long of(int fd, long device) {
    boolean known = FanotifyLibrary.CALLS.fstatfs(fd, statfs) == 0;
    long id = known ? statfs.getLong(AT_FSID) : 0;
    return id != 0 ? id : device;
  }

  /** What kind of file system a descriptor is on: statfs(2)'s magic number, 0 if not known. */
  long magic(int fd) {
    return FanotifyLibrary.CALLS.fstatfs(fd, statfs) == 0 ? statfs.getLong(0) : 0;
  }
}

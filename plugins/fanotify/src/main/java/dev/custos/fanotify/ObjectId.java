package dev.custos.fanotify;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Which object: its file system's device, its inode number and its file handle. An inode number is
 * given out again after a file is gone; the handle holds a generation and so tells the two apart,
 * see name_to_handle_at(2). It is empty on a file system that has none. Immutable.
 */
final class ObjectId {
  private final long device;
  private final long inode;
  private final byte[] handle;

  /** Takes over the handle: its type and its bytes. */
  ObjectId(long device, long inode, byte[] handle) {
    this.device = device;
    this.inode = inode;
    this.handle = handle;
  }

  long device() {
    return device;
  }

  long inode() {
    return inode;
  }

  int handleLength() {
    return handle.length;
  }

  byte handleByte(int index) {
    return handle[index];
  }

  /** The handle's bytes without its type, as proc_pid_fdinfo(5) prints them; empty without one. */
  String handleHex() {
    return handle.length == 0 ? "" : HexFormat.of().formatHex(handle, Integer.BYTES, handle.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ObjectId id
        && device == id.device
        && inode == id.inode
        && Arrays.equals(handle, id.handle);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(device * 31 + inode);
  }

  @Override
  public String toString() {
    return "inode " + inode + " of device " + (device >>> 32) + ":" + (device & 0xffffffffL);
  }
}

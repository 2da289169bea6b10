package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the entries of an open directory with getdents64(2), a buffer at a time and without making
 * an object per entry. Entries come as {@link #next()} walks; {@code .} and {@code ..} are left
 * out. Not thread-safe.
 */
public final class DirectoryReader {
  private static final int BUFFER = 32 * 1024;
  private static final int NAME_OFFSET = 19;
  private static final byte DT_UNKNOWN = 0;
  private static final byte DT_DIR = 4;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
  private byte[] name = new byte[256];
  private int length;
  private int at;
  private int nameLength;
  private byte type;

  /**
   * Fetches the next entries of the directory.
   *
   * @return more than 0 if there are some, 0 at the end, or the negated errno
   */
  public int fill(int dirFd) {
    long n = Libc.LIBRARY.getdents64(dirFd, buffer, BUFFER);
    at = 0;
    length = (int) Math.max(n, 0);
    return n < 0 ? -Libc.errno() : length;
  }

  /** Steps to the next entry of those fetched. */
  public boolean next() {
    while (at < length) {
      int start = at;
      at += buffer.getShort(start + 16) & 0xffff;
      type = buffer.get(start + 18);
      int most = at - start - NAME_OFFSET;
      if (most > name.length) {
        // NAME_MAX is 255, but FUSE and file systems that store UTF-16 return longer ones.
        name = new byte[most];
      }
      int n = 0;
      for (byte b; n < most && (b = buffer.get(start + NAME_OFFSET + n)) != 0; n++) {
        name[n] = b;
      }
      nameLength = n;
      boolean dots = name[0] == '.' && (n == 1 || (n == 2 && name[1] == '.'));
      if (!dots) {
        return true;
      }
    }
    return false;
  }

  /** The entry's name: the first {@link #nameLength} bytes. Overwritten by the next entry. */
  public byte[] name() {
    return name;
  }

  public int nameLength() {
    return nameLength;
  }

  public boolean isDirectory() {
    return type == DT_DIR;
  }

  /** Whether the file system did not say what the entry is: ask {@link FileStatus}. */
  public boolean isUnknown() {
    return type == DT_UNKNOWN;
  }
}

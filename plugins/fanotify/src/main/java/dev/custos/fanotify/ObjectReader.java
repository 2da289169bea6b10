package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.FileStatus;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import dev.custos.linux.PathOpener;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds out which object a descriptor has open. Reused for many; not thread-safe. */
final class ObjectReader {
  private static final int MAX_HANDLE = 128;
  private static final int HEADER = 8;

  private final FileStatus status = new FileStatus();
  private final ByteBuffer empty = new PathBuffer().path(new byte[0], 0, 0);
  private final ByteBuffer mountId = ByteBuffer.allocateDirect(4);
  private final ByteBuffer handle =
      ByteBuffer.allocateDirect(HEADER + MAX_HANDLE).order(ByteOrder.nativeOrder());
  private final int handleFlags;

  ObjectReader() throws NativeException {
    // AT_HANDLE_FID (Linux 6.5) also has handles of file systems that can't be exported by NFS.
    try (FileDescriptor root = PathOpener.openRoot("/")) {
      int fid = Fanotify.AT_EMPTY_PATH | Fanotify.AT_HANDLE_FID;
      handleFlags = readHandle(root.number(), fid) == Errno.EINVAL ? Fanotify.AT_EMPTY_PATH : fid;
    }
  }

  /** Looks at the object, without asking a server; the errno if that fails. */
  int look(int fd) {
    return status.ofKnown(fd);
  }

  /** As {@link #look}, by what the kernel knows: no file system waits for a server. */
  int lookCached(int fd) {
    return status.ofKnown(fd);
  }

  FileStatus status() {
    return status;
  }

  /** The identity of the object that was looked at last. */
  ObjectId id(int fd) {
    return new ObjectId(status.device(), status.inode(), handleOf(fd));
  }

  private byte[] handleOf(int fd) {
    if (readHandle(fd, handleFlags) != 0) {
      return new byte[0];
    }
    byte[] bytes = new byte[4 + handle.getInt(0)];
    handle.get(4, bytes);
    return bytes;
  }

  /** Whether the object that was looked at last has this identity. Makes no object. */
  boolean is(ObjectId id, int fd) {
    if (status.inode() != id.inode() || status.device() != id.device()) {
      return false;
    }
    int expected = id.handleLength();
    if (expected == 0) {
      return true;
    }
    if (readHandle(fd, handleFlags) != 0 || 4 + handle.getInt(0) != expected) {
      return false;
    }
    for (int i = 0; i < expected; i++) {
      if (handle.get(4 + i) != id.handleByte(i)) {
        return false;
      }
    }
    return true;
  }

  private int readHandle(int fd, int flags) {
    handle.putInt(0, MAX_HANDLE);
    int result = FanotifyLibrary.CALLS.name_to_handle_at(fd, empty, handle, mountId, flags);
    return result == 0 ? 0 : FanotifyLibrary.errno();
  }
}

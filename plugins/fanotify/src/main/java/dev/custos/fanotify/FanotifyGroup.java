package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;

/**
 * A fanotify group. Marks are placed and removed by any thread; only its reader reads and answers.
 * Closing it has the kernel allow everything that is still pending, see fanotify(7).
 */
final class FanotifyGroup implements AutoCloseable {
  private static final int ALL_INIT =
      Fanotify.CLASS_CONTENT
          | Fanotify.CLOEXEC
          | Fanotify.NONBLOCK
          | Fanotify.UNLIMITED_QUEUE
          | Fanotify.UNLIMITED_MARKS;
  private static final int EVENT_FLAGS =
      Fanotify.O_RDONLY | Fanotify.O_LARGEFILE | Fanotify.O_CLOEXEC | Fanotify.O_NONBLOCK;

  private static final byte[] SLASH = {'/'};

  private final FileDescriptor descriptor;
  private final PathBuffer path = new PathBuffer();

  /** Opens a group; with {@code audit}, its answers may ask the kernel to log them. */
  FanotifyGroup(boolean audit) throws NativeException {
    int flags = audit ? ALL_INIT | Fanotify.ENABLE_AUDIT : ALL_INIT;
    int fd = FanotifyLibrary.CALLS.fanotify_init(flags, EVENT_FLAGS);
    if (fd < 0) {
      throw new NativeException(
          audit ? "fanotify_init with FAN_ENABLE_AUDIT" : "fanotify_init",
          "",
          FanotifyLibrary.errno());
    }
    descriptor = new FileDescriptor(fd);
  }

  /** Not to be used by another thread after the reader, which closes it, has ended. */
  int number() {
    return descriptor.number();
  }

  /**
   * Marks the object that a descriptor has open, or adds to its mark.
   *
   * @return 0, or the errno
   */
  int add(int fd, long mask) {
    return mark(Fanotify.MARK_ADD, mask, fd);
  }

  /** Takes these events from the mark; one without events is gone. */
  int remove(int fd, long mask) {
    return mark(Fanotify.MARK_REMOVE, mask, fd);
  }

  /** Removes all marks: nobody is asked about any more. */
  void flush() {
    mark(Fanotify.MARK_FLUSH, 0, -1);
  }

  // One at a time, and never beside a close: the number could be another target's group by then.
  private synchronized int mark(int flags, long mask, int fd) {
    if (!descriptor.isOpen()) {
      return Errno.EBADF;
    }
    int result =
        fd < 0
            ? FanotifyLibrary.CALLS.fanotify_mark(
                descriptor.number(), flags, mask, Fanotify.AT_FDCWD, path.path(SLASH, 0, 1))
            : FanotifyLibrary.CALLS.fanotify_mark(
                descriptor.number(), flags, mask, Fanotify.AT_FDCWD, path.descriptor(fd));
    return result == 0 ? 0 : FanotifyLibrary.errno();
  }

  boolean isOpen() {
    return descriptor.isOpen();
  }

  @Override
  public synchronized void close() {
    descriptor.close();
  }
}

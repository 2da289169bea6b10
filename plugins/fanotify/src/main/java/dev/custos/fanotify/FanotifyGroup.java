package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fanotify group. Marks are placed and removed by any thread; only its readers read and answer.
 * Closing it has the kernel allow everything that is still pending, see fanotify(7). It stays open
 * as long as anybody uses it: its number could be another target's group afterwards.
 */
final class FanotifyGroup implements AutoCloseable {
  private static final int ALL_INIT =
      Fanotify.CLASS_CONTENT
          | Fanotify.CLOEXEC
          | Fanotify.UNLIMITED_QUEUE
          | Fanotify.UNLIMITED_MARKS;
  // O_NONBLOCK: where somebody holds a lease on a file, opening it for the event would wait until
  // the lease is given up, up to 45 s.
  private static final int EVENT_FLAGS =
      Fanotify.O_RDONLY | Fanotify.O_LARGEFILE | Fanotify.O_CLOEXEC | Fanotify.O_NONBLOCK;
  private static final int[] KINDS_OF_MARKS = {0, Fanotify.MARK_MOUNT, Fanotify.MARK_FILESYSTEM};

  private static final byte[] SLASH = {'/'};

  private final FileDescriptor descriptor;
  private final PathBuffer path = new PathBuffer();
  private final QueuedEvents queued = new QueuedEvents();
  private final ByteBuffer slash;
  private final boolean tellsErrors;
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Opens a group; with {@code audit}, its answers may ask the kernel to log them. */
  FanotifyGroup(boolean audit) throws NativeException {
    int flags = audit ? ALL_INIT | Fanotify.ENABLE_AUDIT : ALL_INIT;
    int fd = FanotifyLibrary.CALLS.fanotify_init(flags | Fanotify.REPORT_FD_ERROR, EVENT_FLAGS);
    tellsErrors = fd >= 0;
    if (fd < 0 && FanotifyLibrary.errno() == Errno.EINVAL) {
      fd = FanotifyLibrary.CALLS.fanotify_init(flags, EVENT_FLAGS);
    }
    if (fd < 0) {
      throw new NativeException(
          audit ? "fanotify_init with FAN_ENABLE_AUDIT" : "fanotify_init",
          "",
          FanotifyLibrary.errno());
    }
    descriptor = new FileDescriptor(fd);
    slash = new PathBuffer().path(SLASH, 0, 1);
  }

  /**
   * Whether an event whose file the kernel could not open, and which it has denied by itself, is
   * told as such (FAN_REPORT_FD_ERROR, Linux 6.13, and 6.6 and 6.12 with updates): with the negated
   * errno for a descriptor. Elsewhere the read(2) fails, and with EAGAIN it looks as if there were
   * no event.
   */
  boolean tellsErrors() {
    return tellsErrors;
  }

  /** Only for who has acquired the group. */
  int number() {
    return descriptor.number();
  }

  /** Keeps the group open until {@link #release}; false if it is closed already. */
  boolean acquire() {
    for (int n = users.get(); n > 0; n = users.get()) {
      if (users.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Ends what {@link #acquire} began. */
  void release() {
    if (users.decrementAndGet() == 0) {
      descriptor.close();
    }
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

  /** Marks the whole file system that the object is on, through whichever mount it is reached. */
  int addWhole(int fd, long mask) {
    return mark(Fanotify.MARK_ADD | Fanotify.MARK_FILESYSTEM, mask, fd);
  }

  /** Takes these events from the mark of the whole file system that the object is on. */
  int removeWhole(int fd, long mask) {
    return mark(Fanotify.MARK_REMOVE | Fanotify.MARK_FILESYSTEM, mask, fd);
  }

  /** As {@link #add(int, long)}, with a buffer of the caller's: waits for no other call. */
  int add(int fd, long mask, PathBuffer own) {
    return mark(Fanotify.MARK_ADD, mask, fd, own);
  }

  private synchronized int mark(int flags, long mask, int fd) {
    return mark(flags, mask, fd, path);
  }

  private int mark(int flags, long mask, int fd, PathBuffer buffer) {
    if (!acquire()) {
      return Errno.EBADF;
    }
    try {
      int result =
          FanotifyLibrary.CALLS.fanotify_mark(
              number(), flags, mask, Fanotify.AT_FDCWD, buffer.descriptor(fd));
      return result == 0 ? 0 : FanotifyLibrary.errno();
    } finally {
      release();
    }
  }

  /**
   * Removes all marks of every kind: nobody is asked about any more. Waits for no other call, so
   * that it works while one of them does not come back.
   */
  void flush() {
    if (!acquire()) {
      return;
    }
    try {
      for (int kind : KINDS_OF_MARKS) {
        FanotifyLibrary.CALLS.fanotify_mark(
            number(), Fanotify.MARK_FLUSH | kind, 0, Fanotify.AT_FDCWD, slash);
      }
    } finally {
      release();
    }
  }

  /**
   * Says whether read(2) waits for an event where there is none, as it does at first. A read that
   * waits already goes on waiting.
   */
  void setBlocking(boolean blocking) {
    if (acquire()) {
      try {
        FanotifyLibrary.CALLS.fcntl(number(), Fanotify.F_SETFL, blocking ? 0 : Fanotify.O_NONBLOCK);
      } finally {
        release();
      }
    }
  }

  /** Whether an event is queued that nobody has read. One caller at a time. */
  boolean hasQueued() {
    if (!acquire()) {
      return false;
    }
    try {
      return queued.any(number());
    } finally {
      release();
    }
  }

  boolean isOpen() {
    return !closed.get();
  }

  /** Lets go of it for whoever opened it; the last user's release closes it. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }
}

package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file in memory that is marked beside a target's files, so that opening it asks the target's
 * reader: whoever gets through knows that the reader answers. Writing to it tells the reader
 * something without a question, and so without waiting.
 */
final class Question implements AutoCloseable {
  private static final byte[] NAME = "custos".getBytes(StandardCharsets.US_ASCII);
  private static final int CLOEXEC = 1;

  private final FanotifyGroup group;
  private final ByteBuffer written = ByteBuffer.allocateDirect(1);

  private final FileDescriptor file;
  private final FileDescriptor writing;
  private final PathBuffer path = new PathBuffer();
  private final PathBuffer marking = new PathBuffer();
  private final ObjectId id;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile boolean closed;

  Question(FanotifyGroup group) throws NativeException {
    this.group = group;
    int fd =
        FanotifyLibrary.CALLS.memfd_create(new PathBuffer().path(NAME, 0, NAME.length), CLOEXEC);
    if (fd < 0) {
      throw new NativeException("memfd_create", "", FanotifyLibrary.errno());
    }
    file = new FileDescriptor(fd);
    // Not by the descriptor above, whose writing raises no event from Linux 6.14 on; and before the
    // mark is in place, for nobody reads yet.
    int opened = open(Fanotify.O_WRONLY);
    if (opened < 0) {
      file.close();
      throw new NativeException("open", "a file in memory", -opened);
    }
    writing = new FileDescriptor(opened);
    ObjectReader objects = new ObjectReader();
    int errno = objects.look(fd);
    if (errno == 0) {
      errno = mark();
    }
    if (errno != 0) {
      writing.close();
      file.close();
      throw new NativeException("fanotify_mark", "a file in memory", errno);
    }
    id = objects.id(fd);
  }

  private int open(int flags) {
    int fd =
        FanotifyLibrary.CALLS.openat(
            Fanotify.AT_FDCWD, path.descriptor(file.number()), flags | Fanotify.O_CLOEXEC, 0);
    return fd < 0 ? -FanotifyLibrary.errno() : fd;
  }

  /** Marks the file, again if all marks were removed; the errno if that fails. Waits for nobody. */
  int place() {
    // Without the lock a close could come between, and the number be another file's by then.
    synchronized (writing) {
      return closed ? Errno.EBADF : mark();
    }
  }

  private int mark() {
    return group.add(file.number(), Fanotify.OPEN_PERM | Fanotify.MODIFY, marking);
  }

  /**
   * Has the reader come back from a read(2) in which it waits for the next event. Any thread; waits
   * for nobody.
   */
  void nudge() {
    synchronized (writing) {
      if (!closed) {
        FanotifyLibrary.CALLS.pwrite(writing.number(), written, 1, 0);
      }
    }
  }

  /** What is marked. */
  ObjectId id() {
    return id;
  }

  /** Whether an event's descriptor has this file open; {@code objects} is the reader's own. */
  boolean isOn(ObjectReader objects, int fd) {
    return objects.look(fd) == 0
        && objects.status().inode() == id.inode()
        && objects.status().device() == id.device();
  }

  /** Asks, and returns when there is an answer. Never a reader. */
  void ask() {
    asking.lock();
    try {
      if (closed) {
        return;
      }
      int fd = open(Fanotify.O_RDONLY);
      if (fd >= 0) {
        FanotifyLibrary.CALLS.close(fd);
      }
    } finally {
      closeIfDue();
      asking.unlock();
    }
  }

  private void closeIfDue() {
    if (closed) {
      closeFile();
    }
  }

  private void closeFile() {
    synchronized (writing) {
      file.close();
    }
  }

  /** Asks no more. Who still waits for an answer closes the file when there is one. */
  @Override
  public void close() {
    synchronized (writing) {
      closed = true;
      writing.close();
    }
    if (asking.tryLock()) {
      try {
        closeFile();
      } finally {
        asking.unlock();
      }
    }
  }
}

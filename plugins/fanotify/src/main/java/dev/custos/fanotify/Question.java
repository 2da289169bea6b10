package dev.custos.fanotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file in memory that is marked beside a target's files, so that opening it asks the target's
 * reader: whoever gets through knows that the reader answers.
 */
final class Question implements AutoCloseable {
  private static final byte[] NAME = "custos".getBytes(StandardCharsets.US_ASCII);
  private static final int CLOEXEC = 1;

  private final FanotifyGroup group;
  private final FileDescriptor file;
  private final PathBuffer path = new PathBuffer();
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
    ObjectReader objects = new ObjectReader();
    int errno = objects.look(fd);
    if (errno == 0) {
      errno = place();
    }
    if (errno != 0) {
      file.close();
      throw new NativeException("fanotify_mark", "a file in memory", errno);
    }
    id = objects.id(fd);
  }

  /** Marks the file, again if all marks were removed; the errno if that fails. */
  int place() {
    return group.add(file.number(), Fanotify.OPEN_PERM);
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
      int fd =
          FanotifyLibrary.CALLS.openat(
              Fanotify.AT_FDCWD,
              path.descriptor(file.number()),
              Fanotify.O_RDONLY | Fanotify.O_CLOEXEC,
              0);
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
      file.close();
    }
  }

  /** Asks no more. Who still waits for an answer closes the file when there is one. */
  @Override
  public void close() {
    closed = true;
    if (asking.tryLock()) {
      try {
        file.close();
      } finally {
        asking.unlock();
      }
    }
  }
}

package dev.custos.linux;

import java.nio.ByteBuffer;

/**
 * Where a process's output goes, written to without ever waiting for whoever reads it: the standard
 * output of this process, for one. Not thread-safe.
 *
 * <p>{@code O_NONBLOCK} on an inherited descriptor would be set for all processes that share it,
 * the shell included (fcntl(2)). So a pipe or a terminal is opened once more through {@code
 * /proc/self/fd}, which gives an open file of our own. Where that is refused, as for a socket
 * (ENXIO) or a terminal of another user (EACCES), there is a poll(2) before each write of no more
 * than PIPE_BUF bytes, which then fit. Regular files are written to as they are: they know no
 * waiting, and a second open file would not share the position.
 */
public final class WriteEnd implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int O_WRONLY = 1;
  private static final int O_NOCTTY = 0x100;
  // pipe(7): a write of this size is taken whole or not at all.
  private static final int PIPE_BUF = 4096;

  private final FileDescriptor descriptor;
  private final boolean owned;
  private final boolean askFirst;
  private Poller poller;

  private WriteEnd(FileDescriptor descriptor, boolean owned, boolean askFirst) {
    this.descriptor = descriptor;
    this.owned = owned;
    this.askFirst = askFirst;
  }

  /**
   * Writes to what descriptor {@code fd} has open. That descriptor itself stays the caller's and
   * stays as it is.
   *
   * @throws NativeException if it is not open
   */
  public static WriteEnd of(int fd) throws NativeException {
    FileStatus status = new FileStatus();
    int errno = status.of(fd);
    if (errno != 0) {
      throw new NativeException("statx", Integer.toString(fd), errno);
    }
    if (status.isRegularFile()) {
      return new WriteEnd(new FileDescriptor(fd), false, false);
    }
    int flags = O_WRONLY | O_NOCTTY | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
    int own = Libc.LIBRARY.openat(AT_FDCWD, new PathBuffer().descriptor(fd), flags, 0);
    return own >= 0
        ? new WriteEnd(new FileDescriptor(own), true, false)
        : new WriteEnd(new FileDescriptor(fd), false, true);
  }

  /**
   * Writes what lies between the buffer's position and limit, as far as there is room, and moves
   * the position.
   *
   * @param buffer direct
   * @return how many bytes were written; 0 if there is no room
   * @throws NativeException EPIPE if nobody will ever read it
   */
  public int write(ByteBuffer buffer) throws NativeException {
    int length = buffer.remaining();
    if (askFirst) {
      length = Math.min(length, PIPE_BUF);
      if (!awaitRoom(0)) {
        return 0;
      }
    }
    // The address that jnr-ffi passes is that of the position.
    long n = Libc.LIBRARY.write(descriptor.number(), buffer, length);
    if (n < 0) {
      int errno = Libc.errno();
      if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
        return 0;
      }
      throw new NativeException("write", "", errno);
    }
    buffer.position(buffer.position() + (int) n);
    return (int) n;
  }

  /**
   * Waits until there is room or an error to be told by {@link #write}.
   *
   * @param timeoutMillis 0 to only look
   * @return whether there is
   */
  public boolean awaitRoom(int timeoutMillis) throws NativeException {
    if (poller == null) {
      poller = new Poller();
      poller.add(descriptor.number(), Poller.WRITABLE);
    }
    poller.await(timeoutMillis);
    return poller.isReady(0);
  }

  /** Closes what was opened here. A second call does nothing. */
  @Override
  public void close() {
    if (owned) {
      descriptor.close();
    }
    if (poller != null) {
      poller.close();
    }
  }
}

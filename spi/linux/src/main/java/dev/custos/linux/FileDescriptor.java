package dev.custos.linux;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open descriptor that is closed exactly once. Reads and writes may run on several threads;
 * closing one under a running call is the caller's to avoid, because the number may be given out
 * again.
 */
public final class FileDescriptor implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;

  /** Takes over a descriptor that some other call returned. */
  public FileDescriptor(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    this.number = new AtomicInteger(number);
  }

  /**
   * The descriptor's number.
   *
   * @throws IllegalStateException if it is closed
   */
  public int number() {
    int n = number.get();
    if (n == CLOSED) {
      throw new IllegalStateException("descriptor is closed");
    }
    return n;
  }

  /** Hands the open descriptor over: this object counts as closed from now on. */
  public int release() {
    int n = number.getAndSet(CLOSED);
    if (n == CLOSED) {
      throw new IllegalStateException("descriptor is closed");
    }
    return n;
  }

  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /**
   * read(2) into {@code buffer} from its start, whatever its position; the position is not moved.
   *
   * @param buffer direct
   * @return how many bytes were read, 0 at the end, or -1 if the descriptor is non-blocking and
   *     there is nothing (EAGAIN), or a signal came first (EINTR)
   */
  public int read(ByteBuffer buffer) throws NativeException {
    int position = buffer.position();
    int limit = buffer.limit();
    // The address that jnr-ffi passes is that of the position: with any other than 0 the kernel
    // would write beyond the buffer's end.
    buffer.clear();
    long n = Libc.LIBRARY.read(number(), buffer, buffer.capacity());
    int errno = n < 0 ? Libc.errno() : 0;
    buffer.limit(limit).position(position);
    if (n < 0) {
      if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
        return -1;
      }
      throw new NativeException("read", "", errno);
    }
    return (int) n;
  }

  /**
   * write(2) of the first {@code length} bytes of {@code buffer}, whatever its position; the
   * position is not moved.
   *
   * @param buffer direct
   * @return how many bytes were written, or -1 on EAGAIN or EINTR
   */
  public int write(ByteBuffer buffer, int length) throws NativeException {
    int position = buffer.position();
    int limit = buffer.limit();
    // Also checks that there are as many.
    buffer.clear().limit(length);
    long n = Libc.LIBRARY.write(number(), buffer, length);
    int errno = n < 0 ? Libc.errno() : 0;
    buffer.limit(limit).position(position);
    if (n < 0) {
      if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
        return -1;
      }
      throw new NativeException("write", "", errno);
    }
    return (int) n;
  }

  /**
   * close(2) for a descriptor that never left the loop that opened it, where an object for each
   * would be waste.
   */
  public static void close(int number) {
    Libc.LIBRARY.close(number);
  }

  /** close(2). Its errors are of no use on Linux: the descriptor is gone in any case. */
  @Override
  public void close() {
    int n = number.getAndSet(CLOSED);
    if (n != CLOSED) {
      Libc.LIBRARY.close(n);
    }
  }
}

package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * poll(2) over a few descriptors, which any thread can end early by {@link #wakeup}. A blocking
 * call in native code hears neither an interrupt nor a close, so everything that waits for the
 * kernel waits here. All methods but {@code wakeup} belong to one thread.
 */
public final class Poller implements AutoCloseable {
  /** There is something to read: POLLIN. */
  public static final short READABLE = 0x1;

  /** There is room to write: POLLOUT. */
  public static final short WRITABLE = 0x4;

  /** The mount table changed: POLLPRI, as proc_pid_mountinfo(5) has it. */
  public static final short CHANGED = 0x2;

  private static final int ENTRY = 8;
  private static final int EFD_FLAGS = 0x80000 | 0x800;

  private final FileDescriptor event;
  private final ByteBuffer one = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
  private final ByteBuffer sink = ByteBuffer.allocateDirect(8);
  private ByteBuffer entries = ByteBuffer.allocateDirect(8 * ENTRY).order(ByteOrder.nativeOrder());
  private int count;

  public Poller() throws NativeException {
    int fd = Libc.LIBRARY.eventfd(0, EFD_FLAGS);
    if (fd < 0) {
      throw new NativeException("eventfd", "", Libc.errno());
    }
    event = new FileDescriptor(fd);
    one.putLong(0, 1);
    put(0, fd, READABLE);
  }

  /**
   * Adds a descriptor to wait for.
   *
   * @return its index for {@link #isReady}
   */
  public int add(int fd, short events) {
    if ((count + 2) * ENTRY > entries.capacity()) {
      ByteBuffer larger =
          ByteBuffer.allocateDirect(entries.capacity() * 2).order(ByteOrder.nativeOrder());
      larger.put(entries.clear());
      // The address that jnr-ffi passes to the kernel is that of the position.
      entries = larger.clear();
    }
    put(++count, fd, events);
    return count - 1;
  }

  /** Leaves out all descriptors that were added. */
  public void clear() {
    count = 0;
  }

  private void put(int slot, int fd, short events) {
    entries.putInt(slot * ENTRY, fd).putShort(slot * ENTRY + 4, events);
    entries.putShort(slot * ENTRY + 6, (short) 0);
  }

  /**
   * Waits for any descriptor or for {@link #wakeup}.
   *
   * @param timeoutMillis 0 to only look, -1 to wait without end
   */
  public void await(int timeoutMillis) throws NativeException {
    awaitFirst(count + 1, timeoutMillis);
  }

  /** Waits for {@link #wakeup} alone; no descriptor is ready afterwards. */
  public void awaitWakeup(int timeoutMillis) throws NativeException {
    for (int i = 1; i <= count; i++) {
      entries.putShort(i * ENTRY + 6, (short) 0);
    }
    awaitFirst(1, timeoutMillis);
  }

  private void awaitFirst(int n, int timeoutMillis) throws NativeException {
    int result = Libc.LIBRARY.poll(entries, n, timeoutMillis);
    if (result < 0 && Libc.errno() != Errno.EINTR) {
      throw new NativeException("poll", "", Libc.errno());
    }
    if (result > 0 && entries.getShort(6) != 0) {
      event.read(sink);
    }
  }

  /** Whether the last {@link #await} found anything on a descriptor, an error included. */
  public boolean isReady(int index) {
    return entries.getShort((index + 1) * ENTRY + 6) != 0;
  }

  /** Ends a running or the next {@code await}. Any thread; does nothing after close. */
  public void wakeup() {
    // Without the lock a close could come between, and the number be another file's by the time of
    // the write. The write itself never blocks.
    synchronized (event) {
      if (event.isOpen()) {
        Libc.LIBRARY.write(event.number(), one, 8);
      }
    }
  }

  @Override
  public void close() {
    synchronized (event) {
      event.close();
    }
  }
}

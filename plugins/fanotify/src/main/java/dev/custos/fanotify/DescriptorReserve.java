package dev.custos.fanotify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Keeps descriptors for events: each takes one, and without it the kernel denies the access by
 * itself. What only serves a record leaves alone those that are still free; and some are open for
 * nothing but to be closed when there are no others left.
 */
final class DescriptorReserve implements AutoCloseable {
  private static final int SIZE = 16;
  private static final int NONE = -1;

  /** So many are left free for events, and for whatever else of the agent has to open a file. */
  private static final int FREE = 32;

  private static final int RLIMIT_NOFILE = 7;

  private final AtomicIntegerArray descriptors = new AtomicIntegerArray(SIZE);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ByteBuffer rlimit =
      ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
  private volatile long limit;

  DescriptorReserve() {
    for (int i = 0; i < SIZE; i++) {
      descriptors.set(i, NONE);
    }
    refill();
  }

  /** Closes them all. Any reader; makes no object. */
  void release() {
    for (int i = 0; i < SIZE; i++) {
      int fd = descriptors.getAndSet(i, NONE);
      if (fd != NONE) {
        FanotifyLibrary.CALLS.close(fd);
      }
    }
  }

  /**
   * Whether a descriptor that was just opened leaves too few for events. Its number tells: it is
   * the lowest that was free, see open(2). Any reader; makes no object, and no call.
   */
  boolean needs(int fd) {
    return fd >= limit - FREE;
  }

  /**
   * Opens those that are missing, as far as there are any to be had, and looks whether the limit on
   * open files has changed. One thread at a time.
   */
  void refill() {
    if (FanotifyLibrary.CALLS.getrlimit(RLIMIT_NOFILE, rlimit) == 0) {
      // RLIM_INFINITY is -1.
      long soft = rlimit.getLong(0);
      limit = soft < 0 ? Long.MAX_VALUE : soft;
    }
    for (int i = 0; i < SIZE && !closed.get(); i++) {
      if (descriptors.get(i) == NONE) {
        int fd = FanotifyLibrary.eventfd();
        if (fd < 0) {
          return;
        }
        descriptors.set(i, fd);
      }
    }
  }

  @Override
  public void close() {
    closed.set(true);
    release();
  }
}

package dev.custos.fanotify;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Descriptors that are open for nothing but to be closed when there are no others left: an event
 * takes one, and without it the kernel denies the access by itself.
 */
final class DescriptorReserve implements AutoCloseable {
  private static final int SIZE = 16;
  private static final int NONE = -1;

  private final AtomicIntegerArray descriptors = new AtomicIntegerArray(SIZE);
  private final AtomicBoolean closed = new AtomicBoolean();

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

  /** Opens those that are missing, as far as there are any to be had. One thread at a time. */
  void refill() {
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

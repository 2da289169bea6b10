package dev.custos.fanotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An inotify descriptor, which tells of names that come and go in directories: inotify(7). Watches
 * are added and removed by any thread; one reads.
 */
final class InotifyDescriptor implements AutoCloseable {
  static final int MOVED_FROM = 0x40;
  static final int MOVED_TO = 0x80;
  static final int CREATE = 0x100;
  static final int DELETE = 0x200;
  static final int DELETE_SELF = 0x400;
  static final int MOVE_SELF = 0x800;
  static final int UNMOUNT = 0x2000;
  static final int Q_OVERFLOW = 0x4000;
  static final int IGNORED = 0x8000;

  private static final int ONLYDIR = 0x01000000;
  private static final int MASK =
      MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF | ONLYDIR;
  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;
  private static final int HEADER = 16;

  private final FileDescriptor descriptor;
  private final PathBuffer path = new PathBuffer();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(64 * 1024).order(ByteOrder.nativeOrder());

  /** Takes one event; {@code name} is empty where the event is about the directory itself. */
  interface Consumer {
    void event(int wd, int mask, byte[] name);
  }

  private InotifyDescriptor(FileDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  static InotifyDescriptor open() throws NativeException {
    int fd = FanotifyLibrary.CALLS.inotify_init1(CLOEXEC | NONBLOCK);
    if (fd < 0) {
      throw new NativeException("inotify_init1", "", FanotifyLibrary.errno());
    }
    return new InotifyDescriptor(new FileDescriptor(fd));
  }

  int number() {
    return descriptor.number();
  }

  /** Watches the directory that a descriptor has open; its watch, or the negated errno. */
  synchronized int add(int dirFd) {
    int wd =
        FanotifyLibrary.CALLS.inotify_add_watch(descriptor.number(), path.descriptor(dirFd), MASK);
    return wd >= 0 ? wd : -FanotifyLibrary.errno();
  }

  /** It fails only for a watch that the kernel has dropped by itself. */
  void remove(int wd) {
    FanotifyLibrary.CALLS.inotify_rm_watch(descriptor.number(), wd);
  }

  /** Gives what is queued, up to a buffer full; false if there was nothing. */
  boolean read(Consumer consumer) throws NativeException {
    int length = descriptor.read(buffer);
    for (int at = 0; length - at >= HEADER; ) {
      int padded = buffer.getInt(at + 12);
      int n = 0;
      while (n < padded && buffer.get(at + HEADER + n) != 0) {
        n++;
      }
      byte[] name = new byte[n];
      buffer.get(at + HEADER, name);
      consumer.event(buffer.getInt(at), buffer.getInt(at + 4), name);
      at += HEADER + padded;
    }
    return length > 0;
  }

  @Override
  public void close() {
    descriptor.close();
  }
}

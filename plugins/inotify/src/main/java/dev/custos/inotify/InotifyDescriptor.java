package dev.custos.inotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An inotify descriptor: non-blocking, closed on exec. */
final class InotifyDescriptor implements AutoCloseable {
  private static final int IN_NONBLOCK = 0x800;
  private static final int IN_CLOEXEC = 0x80000;
  private static final long FIONREAD = 0x541b; // on both processors that are supported

  private final FileDescriptor descriptor;
  private final ByteBuffer count =
      ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());

  private InotifyDescriptor(FileDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  static InotifyDescriptor open() throws NativeException {
    int fd = InotifyLibrary.CALLS.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
      throw new NativeException("inotify_init1", "", InotifyLibrary.errno());
    }
    return new InotifyDescriptor(new FileDescriptor(fd));
  }

  int number() {
    return descriptor.number();
  }

  /**
   * inotify_add_watch(2).
   *
   * @return the watch descriptor, which is the same for the same inode, or the negated errno
   */
  int add(ByteBuffer path, int mask) {
    int wd = InotifyLibrary.CALLS.inotify_add_watch(descriptor.number(), path, mask);
    return wd >= 0 ? wd : -InotifyLibrary.errno();
  }

  /** inotify_rm_watch(2). It fails only for a watch that the kernel has dropped by itself. */
  void remove(int wd) {
    InotifyLibrary.CALLS.inotify_rm_watch(descriptor.number(), wd);
  }

  /**
   * Reads events.
   *
   * @return how many bytes, or 0 if there is nothing
   */
  int read(ByteBuffer buffer) throws NativeException {
    return Math.max(descriptor.read(buffer), 0);
  }

  /** How many bytes of events wait to be read. */
  int unread() {
    int result = InotifyLibrary.CALLS.ioctl(descriptor.number(), FIONREAD, count);
    return result < 0 ? 0 : count.getInt(0);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}

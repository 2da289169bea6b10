package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens directories for reading so that nobody is told of it: neither inotify(7) nor fanotify(7)
 * has an event of the opening, of the reading or of the closing, in this process or in any other.
 *
 * <p>The one kind of descriptor that the kernel keeps silent about is the one that comes with an
 * event of fanotify, "to prevent endless loops" (fanotify(7)). So the directory is opened under a
 * mark for FAN_OPEN_PERM; the kernel asks, and hands such a descriptor over with the question. That
 * is kept, and the opening itself denied: it has not happened.
 *
 * <p>The mark is on a {@link PrivateMount}, through which nobody else opens anything: no other
 * process is ever asked, so none waits for this one, however long this one is stopped.
 *
 * <p>It takes CAP_SYS_ADMIN, and CAP_SYS_CHROOT for another mount namespace; some 20 microseconds
 * for a directory whose parent was opened here, half a millisecond for one that was not. One thread
 * opens; any may close.
 */
public final class SilentOpener implements AutoCloseable {
  // linux/fanotify.h
  private static final int FAN_CLOEXEC = 0x1;
  private static final int FAN_NONBLOCK = 0x2;
  // Asked before every other class of listeners: what is denied, the others don't hear of.
  private static final int FAN_CLASS_PRE_CONTENT = 0x8;
  private static final int FAN_UNLIMITED_QUEUE = 0x10;
  private static final int FAN_UNLIMITED_MARKS = 0x20;
  private static final int FAN_REPORT_TID = 0x100;
  private static final int FAN_MARK_ADD_MOUNT = 0x1 | 0x10;
  private static final long FAN_OPEN_PERM = 0x10000;
  private static final long FAN_ONDIR = 0x40000000;
  private static final int FAN_ALLOW = 1;
  private static final int FAN_DENY = 2;

  private static final int GROUP =
      FAN_CLOEXEC
          | FAN_NONBLOCK
          | FAN_CLASS_PRE_CONTENT
          | FAN_UNLIMITED_QUEUE
          | FAN_UNLIMITED_MARKS
          | FAN_REPORT_TID;
  private static final int READING =
      Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC | Libc.O_DIRECTORY;
  private static final byte[] ITSELF = ".".getBytes(StandardCharsets.US_ASCII);

  // struct fanotify_event_metadata: event_len u32, vers u8, reserved u8, metadata_len u16, mask
  // u64, fd s32, pid s32.
  private static final int EVENT = 24;
  private static final int EVENT_FD = 16;
  private static final int EVENT_TID = 20;
  private static final int NONE = -1;

  private final FileDescriptor group;
  private final Poller poller;
  private final PrivateMount mounts;
  private final PathBuffer path = new PathBuffer();
  private final FileStatus status = new FileStatus();
  private final AtomicInteger caught = new AtomicInteger(NONE);
  private volatile int opener = NONE;
  private volatile boolean stopping;

  /**
   * Starts.
   *
   * @param threads makes the one thread that answers the kernel's questions
   * @throws NativeException EPERM without CAP_SYS_ADMIN, EINVAL if the kernel can't ask
   */
  public SilentOpener(ThreadFactory threads) throws NativeException {
    int fd = Libc.LIBRARY.fanotify_init(GROUP, READING & ~Libc.O_DIRECTORY);
    if (fd < 0) {
      throw new NativeException("fanotify_init", "", Libc.errno());
    }
    group = new FileDescriptor(fd);
    try {
      poller = new Poller();
    } catch (NativeException e) {
      group.close();
      throw e;
    }
    poller.add(fd, Poller.READABLE);
    mounts = new PrivateMount(poller::wakeup);
    threads.newThread(this::answerAll).start();
  }

  /**
   * Opens the directory that an O_PATH descriptor stands for.
   *
   * @param mountNamespace the file of the mount namespace in which it was opened, such as {@code
   *     /proc/1/ns/mnt}; used if that is not ours
   * @return a descriptor to read the directory by, or the negated errno. What is mounted on its
   *     entries is not seen through it.
   * @throws NativeException where it can't be opened silently, see {@link PrivateMount}
   */
  public int openDirectory(int handle, Path mountNamespace) throws NativeException {
    int tree = mounts.of(handle, mountNamespace);
    try {
      int errno = mark(tree);
      if (errno != 0 && errno != Errno.ENOTDIR) {
        throw new NativeException("fanotify_mark", "", errno);
      }
      return errno != 0 ? -errno : open(tree, path.path(ITSELF, 0, ITSELF.length), 0);
    } finally {
      // The mount, and with it the mark, is there for as long as anything that was opened by it.
      FileDescriptor.close(tree);
    }
  }

  /**
   * Opens an entry of a directory that was opened here. That is faster.
   *
   * @param directory from {@link #openDirectory} or from here
   * @param handle an O_PATH descriptor of the entry
   * @return as {@link #openDirectory}; the negated ESTALE if the entry is not what the handle
   *     stands for, because something is mounted on it or it was renamed
   */
  public int openChild(int directory, byte[] name, int handle) {
    int fd = open(directory, path.path(name, 0, name.length), Libc.O_NOFOLLOW);
    if (fd >= 0 && !isSame(fd, handle)) {
      FileDescriptor.close(fd);
      return -Errno.ESTALE;
    }
    return fd;
  }

  private boolean isSame(int fd, int handle) {
    if (status.ofKnown(fd) != 0) {
      return false;
    }
    long device = status.device();
    long inode = status.inode();
    return status.ofKnown(handle) == 0 && status.device() == device && status.inode() == inode;
  }

  private int open(int directory, ByteBuffer pathname, int flags) {
    opener = (int) Libc.LIBRARY.syscall(Libc.SYS_GETTID, 0, 0);
    int fd = Libc.LIBRARY.openat(directory, pathname, READING | flags, 0);
    int errno = fd < 0 ? Libc.errno() : 0;
    opener = NONE;
    int kept = caught.getAndSet(NONE);
    if (fd >= 0) {
      // Nobody was there to ask any more, see close.
      FileDescriptor.close(fd);
      errno = Errno.EBADF;
    }
    return kept != NONE ? kept : -errno;
  }

  private int mark(int tree) {
    // Not while the group is closed: its number may be another's afterwards.
    synchronized (group) {
      if (!group.isOpen()) {
        return Errno.EBADF;
      }
      ByteBuffer itself = path.path(ITSELF, 0, ITSELF.length);
      long events = FAN_OPEN_PERM | FAN_ONDIR;
      int result =
          Libc.LIBRARY.fanotify_mark(group.number(), FAN_MARK_ADD_MOUNT, events, tree, itself);
      return result == 0 ? 0 : Libc.errno();
    }
  }

  private void answerAll() {
    ByteBuffer events = ByteBuffer.allocateDirect(64 * EVENT).order(ByteOrder.nativeOrder());
    ByteBuffer answer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    try {
      while (!stopping) {
        poller.await(-1);
        mounts.answer();
        // An error is that of opening the directory for an event; the kernel has denied it then.
        long bytes = Libc.LIBRARY.read(group.number(), events, events.capacity());
        for (int at = 0; at < bytes; at += events.getInt(at)) {
          answer(events.getInt(at + EVENT_FD), events.getInt(at + EVENT_TID), answer);
        }
      }
    } catch (NativeException e) {
      throw new IllegalStateException(e);
    } finally {
      mounts.close();
      // Whatever is pending, the kernel allows.
      synchronized (group) {
        group.close();
      }
      poller.close();
    }
  }

  /** Others can ask only through {@code /proc/PID/fd} of this process. */
  private void answer(int fd, int thread, ByteBuffer answer) {
    if (fd < 0) {
      return;
    }
    boolean isOurs = thread == opener && caught.compareAndSet(NONE, fd);
    answer.putInt(0, fd).putInt(4, isOurs ? FAN_DENY : FAN_ALLOW);
    Libc.LIBRARY.write(group.number(), answer, 8);
    if (!isOurs) {
      Libc.LIBRARY.close(fd);
    }
  }

  /** Ends the thread, which lets go of everything. Does not wait for it. */
  @Override
  public void close() {
    stopping = true;
    poller.wakeup();
  }
}

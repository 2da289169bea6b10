package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens directories for reading so that nobody is told of it: neither inotify(7) nor fanotify(7)
 * has an event of the opening, of the reading or of the closing, in this process or in any other.
 *
 * <p>The one kind of descriptor that the kernel keeps silent about is the one that comes with an
 * event of fanotify, "to prevent endless loops" (fanotify(7)). So the directory is marked for
 * FAN_OPEN_PERM and opened; the kernel asks, and hands such a descriptor over with the question.
 * That is kept, and the opening itself denied: it has not happened. Whoever else opens the
 * directory meanwhile is allowed to at once, by a thread that does nothing else; if it ends, or
 * this process does, the kernel allows what is pending.
 *
 * <p>It takes CAP_SYS_ADMIN and some 50 microseconds for each directory. One thread opens; any may
 * close.
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
  private static final int FAN_MARK_ADD = 0x1;
  private static final int FAN_MARK_REMOVE = 0x2;
  private static final long FAN_OPEN_PERM = 0x10000;
  private static final long FAN_ONDIR = 0x40000000;
  private static final int FAN_ALLOW = 1;
  private static final int FAN_DENY = 2;
  private static final int AT_FDCWD = -100;

  private static final int GROUP =
      FAN_CLOEXEC
          | FAN_NONBLOCK
          | FAN_CLASS_PRE_CONTENT
          | FAN_UNLIMITED_QUEUE
          | FAN_UNLIMITED_MARKS
          | FAN_REPORT_TID;
  private static final int READING = Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC;

  // struct fanotify_event_metadata: event_len u32, vers u8, reserved u8, metadata_len u16, mask
  // u64, fd s32, pid s32.
  private static final int EVENT = 24;
  private static final int EVENT_FD = 16;
  private static final int EVENT_TID = 20;
  private static final int NONE = -1;

  private final FileDescriptor group;
  private final Poller poller;
  private final PathBuffer path = new PathBuffer();
  private final AtomicInteger caught = new AtomicInteger(NONE);
  private volatile int opener = NONE;
  private volatile boolean stopping;
  private boolean silent;

  /**
   * Starts.
   *
   * @param threads makes the one thread that answers the kernel's questions
   * @throws NativeException EPERM without CAP_SYS_ADMIN, EINVAL if the kernel can't ask
   */
  public SilentOpener(ThreadFactory threads) throws NativeException {
    int fd = Libc.LIBRARY.fanotify_init(GROUP, READING);
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
    threads.newThread(this::answerAll).start();
  }

  /**
   * Opens the directory that an O_PATH descriptor stands for.
   *
   * @return the descriptor, or the negated errno. Where it could be opened, but not silently,
   *     {@link #wasSilent} is false.
   */
  public int openDirectory(int handle) {
    silent = false;
    int errno = mark(FAN_MARK_ADD, handle);
    if (errno != 0) {
      return -errno;
    }
    opener = (int) Libc.LIBRARY.syscall(Libc.SYS_GETTID, 0, 0);
    int fd = Libc.LIBRARY.openat(NONE, path.descriptor(handle), READING | Libc.O_DIRECTORY, 0);
    errno = fd < 0 ? Libc.errno() : 0;
    opener = NONE;
    mark(FAN_MARK_REMOVE, handle);
    int kept = caught.getAndSet(NONE);
    if (kept != NONE) {
      silent = true;
      return kept;
    }
    return fd < 0 ? -errno : fd;
  }

  /** Whether nobody is told of what the last call opened. */
  public boolean wasSilent() {
    return silent;
  }

  private int mark(int flags, int handle) {
    // Not while the group is closed: its number may be another's afterwards.
    synchronized (group) {
      if (!group.isOpen()) {
        return Errno.EBADF;
      }
      int result =
          Libc.LIBRARY.fanotify_mark(
              group.number(), flags, FAN_OPEN_PERM | FAN_ONDIR, AT_FDCWD, path.descriptor(handle));
      return result == 0 ? 0 : Libc.errno();
    }
  }

  private void answerAll() {
    ByteBuffer events = ByteBuffer.allocateDirect(64 * EVENT).order(ByteOrder.nativeOrder());
    ByteBuffer answer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    try {
      while (!stopping) {
        poller.await(-1);
        // An error is that of opening the directory for an event; the kernel has denied it then.
        long bytes = Libc.LIBRARY.read(group.number(), events, events.capacity());
        for (int at = 0; at < bytes; at += events.getInt(at)) {
          answer(events.getInt(at + EVENT_FD), events.getInt(at + EVENT_TID), answer);
        }
      }
    } catch (NativeException e) {
      throw new IllegalStateException(e);
    } finally {
      // Whatever is pending, the kernel allows.
      synchronized (group) {
        group.close();
      }
      poller.close();
    }
  }

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

package dev.custos.linux;

/** A process that can't be mistaken for another with the same id: pidfd_open(2). */
public final class PidFd {
  private PidFd() {}

  /**
   * A descriptor of a running process, readable once it has ended.
   *
   * @throws NativeException ESRCH if there is none with this id
   */
  public static FileDescriptor open(int pid) throws NativeException {
    long fd = Libc.LIBRARY.syscall(Libc.SYS_PIDFD_OPEN, pid, 0);
    if (fd < 0) {
      throw new NativeException("pidfd_open", Integer.toString(pid), Libc.errno());
    }
    return new FileDescriptor((int) fd);
  }

  /** Whether the process still runs; one that has ended and is not waited for yet does not. */
  public static boolean isAlive(FileDescriptor pidFd) throws NativeException {
    return isAlive(pidFd.number());
  }

  /** As {@link #isAlive(FileDescriptor)}, by number; also false of a descriptor that is closed. */
  public static boolean isAlive(int pidFd) throws NativeException {
    try (Poller poller = new Poller()) {
      poller.add(pidFd, Poller.READABLE);
      poller.await(0);
      return !poller.isReady(0);
    }
  }
}

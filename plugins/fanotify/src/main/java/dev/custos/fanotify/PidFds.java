package dev.custos.fanotify;

/** Descriptors that stand for processes, see pidfd_open(2). Makes no object. */
final class PidFds {
  static final int NONE = -1;

  /** Instead of one more of the process that the last one stood for. */
  static final int AS_BEFORE = -2;

  private static final int SYS_PIDFD_SEND_SIGNAL = 424;
  private static final int SYS_PIDFD_OPEN = 434;
  private static final int NO_FLAGS = 0;
  private static final int NO_SIGNAL = 0;

  /** Of a process that is there now; {@link #NONE} if it is not or if no more can be opened. */
  int open(int pid) {
    if (pid <= 0) {
      return NONE;
    }
    return (int) FanotifyLibrary.CALLS.syscall(SYS_PIDFD_OPEN, pid, NO_FLAGS, 0, 0);
  }

  /**
   * Whether the process has not been waited for, so that its number is still its own. The signal 0
   * is checked and not sent.
   */
  boolean isThere(int pidFd) {
    return FanotifyLibrary.CALLS.syscall(SYS_PIDFD_SEND_SIGNAL, pidFd, NO_SIGNAL, 0, 0) == 0;
  }

  void close(int pidFd) {
    if (pidFd >= 0) {
      FanotifyLibrary.CALLS.close(pidFd);
    }
  }
}

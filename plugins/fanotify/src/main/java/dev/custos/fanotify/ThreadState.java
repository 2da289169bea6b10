package dev.custos.fanotify;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Tells whether a thread sleeps in the kernel or only waits for a processor, by the state in
 * proc_pid_task(5): on a machine with much to do the two look alike to a clock.
 */
final class ThreadState {
  private static final byte[] THREAD_SELF =
      "/proc/thread-self\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PROC = "/proc/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STAT = "/stat\0".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST = 64;

  private final ByteBuffer path = ByteBuffer.allocateDirect(LONGEST);
  private final ByteBuffer stat = ByteBuffer.allocateDirect(1024);
  private volatile boolean known;

  /** It is about the thread that calls this. */
  void isThis() {
    ByteBuffer self = ByteBuffer.allocateDirect(THREAD_SELF.length).put(THREAD_SELF).clear();
    ByteBuffer link = ByteBuffer.allocateDirect(LONGEST);
    int n = (int) FanotifyLibrary.CALLS.readlink(self, link, LONGEST);
    if (n > 0 && n + PROC.length + STAT.length <= LONGEST) {
      path.put(PROC).put(link.limit(n)).put(STAT).clear();
      known = true;
    }
  }

  /** Whether the thread sleeps; also if that can't be found out. One caller at a time. */
  boolean isSleeping() {
    if (!known) {
      return true;
    }
    int fd =
        FanotifyLibrary.CALLS.openat(
            Fanotify.AT_FDCWD, path, Fanotify.O_RDONLY | Fanotify.O_CLOEXEC, 0);
    if (fd < 0) {
      return true;
    }
    int n = (int) FanotifyLibrary.CALLS.read(fd, stat, stat.capacity());
    FanotifyLibrary.CALLS.close(fd);
    // The third field; the second is a name in parentheses that may itself hold some.
    for (int at = n - 1; at > 0; at--) {
      if (stat.get(at) == ')') {
        return at + 2 >= n || stat.get(at + 2) != 'R';
      }
    }
    return true;
  }
}

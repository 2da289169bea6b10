package dev.custos.fanotify;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The guarded container's own process, and who is a child of it. Looks up without making an object;
 * not thread-safe.
 */
final class Owner {
  private static final byte[] PROC = "/proc/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STAT = "/stat\0".getBytes(StandardCharsets.US_ASCII);

  private final int pid;
  private final ByteBuffer path = ByteBuffer.allocateDirect(64);
  private final ByteBuffer stat = ByteBuffer.allocateDirect(1024);

  /**
   * The owner that a pidfd stands for.
   *
   * @param pidFd empty where there is none, as on the host itself
   */
  Owner(OptionalInt pidFd) {
    this.pid = pidFd.isPresent() ? pidOf(pidFd.getAsInt()) : 0;
  }

  boolean isKnown() {
    return pid > 0;
  }

  /** proc_pid_fdinfo(5): {@code Pid:} is -1 once the process has ended. */
  private static int pidOf(int pidFd) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + pidFd))) {
        if (line.startsWith("Pid:")) {
          return Integer.parseInt(line.substring("Pid:".length()).trim());
        }
      }
      return 0;
    } catch (IOException | NumberFormatException noSuchProcess) {
      // There is no owner to be allowed anything, and the report says so.
      return 0;
    }
  }

  /** Whether a process, which can't end meanwhile because it waits for us, is the owner's. */
  boolean owns(int asker) {
    return isKnown() && asker > 0 && (asker == pid || parentOf(asker) == pid);
  }

  private int parentOf(int child) {
    path.clear();
    path.put(PROC);
    int divisor = 1;
    while (child / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      path.put((byte) ('0' + child / divisor % 10));
    }
    path.put(STAT);
    int fd =
        FanotifyLibrary.CALLS.openat(
            Fanotify.AT_FDCWD, path.clear(), Fanotify.O_RDONLY | Fanotify.O_CLOEXEC, 0);
    if (fd < 0) {
      return 0;
    }
    int n = (int) FanotifyLibrary.CALLS.read(fd, stat.clear(), stat.capacity());
    FanotifyLibrary.CALLS.close(fd);
    return parentIn(stat, n);
  }

  /**
   * The fourth field of proc_pid_stat(5). The second one is a name in parentheses that may itself
   * hold parentheses and spaces, so it is looked for from the end.
   */
  static int parentIn(ByteBuffer stat, int length) {
    int at = length - 1;
    while (at >= 0 && stat.get(at) != ')') {
      at--;
    }
    if (at < 0) {
      return 0;
    }
    int parent = 0;
    // A space, the state, a space.
    for (at += 4; at < length && stat.get(at) >= '0' && stat.get(at) <= '9'; at++) {
      parent = parent * 10 + stat.get(at) - '0';
    }
    return parent;
  }
}

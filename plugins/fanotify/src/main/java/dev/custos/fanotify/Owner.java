package dev.custos.fanotify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The guarded container's own process, and who is a child of it. Looks up without making an object;
 * not thread-safe.
 */
final class Owner {
  private static final byte[] STAT = ProcFile.ascii("/stat");

  private final int pid;
  private final IdMap users;
  private final ProcFile proc = new ProcFile();

  /**
   * The owner that a pidfd stands for.
   *
   * @param pidFd empty where there is none, as on the host itself
   */
  Owner(OptionalInt pidFd) {
    this.pid = pidFd.isPresent() ? pidOf(pidFd.getAsInt()) : 0;
    this.users = pidFd.isEmpty() ? IdMap.SAME : usersOf(pidFd.getAsInt(), pid);
  }

  private static IdMap usersOf(int pidFd, int pid) {
    IdMap map = pid > 0 ? IdMap.of(pid) : IdMap.NONE;
    // Still the same process, so it was its map that was read.
    return pid > 0 && pidOf(pidFd) == pid ? map : IdMap.NONE;
  }

  /** How the target numbers its users; {@link IdMap#NONE} if that can't be told. */
  IdMap users() {
    return users;
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
    return proc.read(child, STAT) ? parentIn(proc) : 0;
  }

  /**
   * The fourth field of proc_pid_stat(5). The second one is a name in parentheses that may itself
   * hold parentheses and spaces, so it is looked for from the end.
   */
  static int parentIn(ProcFile stat) {
    int at = stat.length() - 1;
    while (at >= 0 && stat.at(at) != ')') {
      at--;
    }
    if (at < 0) {
      return 0;
    }
    // A space, the state, a space.
    return (int) Math.max(0, stat.number(at + 4, 0));
  }
}

package dev.custos.fanotify;

/**
 * Which container a process is in, by {@code /proc/PID/cgroup} (cgroups(7)): runtimes name a
 * container's control group after its id, 64 hexadecimal digits. Of containers within containers it
 * is the innermost. Makes no object; not thread-safe.
 */
final class ContainerId {
  static final int LENGTH = 64;

  private static final byte[] CGROUP = ProcFile.ascii("/cgroup");
  // CRI-O gives each container's monitor, which is not in it, a group with its id in the name.
  private static final byte[] MONITOR = ProcFile.ascii("conmon-");

  private final ProcFile proc;
  private final byte[] id = new byte[LENGTH];
  private boolean present;

  ContainerId(ProcFile proc) {
    this.proc = proc;
  }

  /** Looks at a process; false if it can't be looked at. */
  boolean read(int pid) {
    present = false;
    if (!proc.read(pid, CGROUP)) {
      return false;
    }
    find();
    return true;
  }

  /** Looks for an id in what was read. */
  void find() {
    present = false;
    int digits = 0;
    for (int i = 0; i < proc.length(); i++) {
      digits = isHex(proc.at(i)) ? digits + 1 : 0;
      boolean ends = i + 1 == proc.length() || !isHex(proc.at(i + 1));
      if (digits == LENGTH && ends && !isMonitors(i + 1 - LENGTH)) {
        proc.copy(i + 1 - LENGTH, id, LENGTH);
        present = true;
      }
    }
  }

  private boolean isMonitors(int from) {
    int start = from - MONITOR.length;
    for (int i = 0; i < MONITOR.length; i++) {
      if (start < 0 || proc.at(start + i) != MONITOR[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHex(byte b) {
    return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f');
  }

  /** Whether the process that was looked at is in a container. */
  boolean isPresent() {
    return present;
  }

  /** {@link #LENGTH} bytes, if {@link #isPresent}. */
  byte[] bytes() {
    return id;
  }
}

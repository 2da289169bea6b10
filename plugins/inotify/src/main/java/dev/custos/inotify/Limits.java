package dev.custos.inotify;

import dev.custos.linux.Errno;
import java.nio.file.Path;

/** Says which of the kernel's limits was met, its value, and the way out. */
final class Limits {
  private static final Path INSTANCES = Path.of("/proc/sys/fs/inotify/max_user_instances");

  private static final Path QUEUE = Path.of("/proc/sys/fs/inotify/max_queued_events");

  private Limits() {}

  /** How many directories may be listed between two reads: each raises up to six events. */
  static int listingsAtOnce(int most) {
    int queue = Budget.readNumber(QUEUE);
    return queue < 0 ? most : Math.max(1, Math.min(most, queue / 16));
  }

  static String watchesReason() {
    int limit = Budget.kernelLimit();
    return "ENOSPC, fs.inotify.max_user_watches is "
        + limit
        + " and all are in use on this host; raise it, for instance: sysctl"
        + " fs.inotify.max_user_watches="
        + 2L * limit;
  }

  static String instancesReason(int errno) {
    if (errno != Errno.EMFILE) {
      return Errno.name(errno);
    }
    int limit = Budget.readNumber(INSTANCES);
    return "EMFILE, fs.inotify.max_user_instances is "
        + limit
        + " and all are in use by this user, or the process has no descriptor left; raise it, for"
        + " instance: sysctl fs.inotify.max_user_instances="
        + 2L * limit;
  }
}

package dev.custos.inotify;

import dev.custos.linux.Errno;
import java.nio.file.Path;

/**
 * Says which of the kernel's limits was met, its value, and the way out. Watches and instances are
 * counted for each user, and in a user namespace again; see user_namespaces(7).
 */
final class Limits {
  private static final Path SYSCTL = Path.of("/proc/sys");

  /**
   * A limit as sysctl(8) knows it.
   *
   * @param value -1 if it can't be read
   */
  record Limit(String name, int value) {
    private String wayOut() {
      return "raise it, for instance: sysctl " + name + "=" + 2L * value;
    }
  }

  private Limits() {}

  /** How many watches may be had: that of the user or that of the namespace, the lower one. */
  static Limit watches() {
    return lower(read("fs.inotify.max_user_watches"), read("user.max_inotify_watches"));
  }

  /** How many instances may be had: that of the user or that of the namespace, the lower one. */
  static Limit instances() {
    return lower(read("fs.inotify.max_user_instances"), read("user.max_inotify_instances"));
  }

  private static Limit read(String name) {
    return new Limit(name, Budget.readNumber(SYSCTL.resolve(name.replace('.', '/'))));
  }

  static Limit lower(Limit one, Limit other) {
    boolean isOther = one.value < 0 || (other.value >= 0 && other.value < one.value);
    return isOther ? other : one;
  }

  /** How many directories may be listed between two reads: each raises up to six events. */
  static int listingsAtOnce(int most) {
    return listingsAtOnce(most, read("fs.inotify.max_queued_events").value);
  }

  static int listingsAtOnce(int most, int queue) {
    return queue < 0 ? most : Math.max(1, Math.min(most, queue / 16));
  }

  static String watchesReason() {
    Limit limit = watches();
    return "ENOSPC, "
        + limit.name
        + " is "
        + limit.value
        + " and all are in use on this host; "
        + limit.wayOut();
  }

  static String instancesReason(int errno) {
    if (errno != Errno.EMFILE) {
      return Errno.name(errno);
    }
    Limit limit = instances();
    return "EMFILE, "
        + limit.name
        + " is "
        + limit.value
        + " and all are in use by this user, or the process has no descriptor left; "
        + limit.wayOut();
  }
}

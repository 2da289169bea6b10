package dev.custos.inotify;

import dev.custos.linux.Errno;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;

/** What of a subscription is not watched although it is there, and why. */
final class Refusals {
  private final Forest forest;
  private final Reporter reporter;

  Refusals(Forest forest, Reporter reporter) {
    this.forest = forest;
    this.reporter = reporter;
  }

  /** A directory may not be read. */
  void unreadable(Subscription s, FilePath path, int errno) {
    if (s.unreadable++ == 0) {
      s.unreadableReason = path + ": " + Errno.name(errno);
    }
    s.stateChanged = true;
  }

  /** There is no room to watch a directory. Told once, however many there are. */
  void limit(Subscription s, int parent, byte[] name, int length, String reason) {
    if (s.limit != null) {
      return;
    }
    FilePath path = forest.path(parent).resolve(FilePath.ofBytes(name, 0, length));
    s.limit = "inotify_add_watch(\"" + path + "\"): " + reason;
    s.stateChanged = true;
    if (!s.limitTold) {
      s.limitTold = true;
      reporter.lost(s, path, LossReason.LIMIT_REACHED, s.limit);
    }
  }
}

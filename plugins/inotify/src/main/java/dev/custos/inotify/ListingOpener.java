package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.linux.SilentOpener;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens directories to be read. An instance tells its own listings from others' events by counting
 * ({@link OwnListings}); another instance that watches the same directory, for another target,
 * can't. So while another one listens for what a listing raises, directories are opened silently.
 * That takes two switches between threads for each, which is why it is not done always.
 */
final class ListingOpener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ListingOpener.class);

  private final PathOpener opener;
  private final ThreadFactory threads;
  private volatile boolean othersHear;
  private SilentOpener silent;
  private boolean unavailable;
  private boolean wasSilent;

  ListingOpener(PathOpener opener, ThreadFactory threads) {
    this.opener = opener;
    this.threads = threads;
  }

  /** Whether another instance hears of directories being read; any thread. */
  void othersHear(boolean hear) {
    othersHear = hear;
  }

  /** Opens an entry of an open directory, not through a link; the negated errno if it can't. */
  int openChild(int directory, byte[] name) {
    if (isToBeSilent()) {
      int handle = opener.openChild(directory, name, 0, name.length, Access.HANDLE_NOFOLLOW);
      int fd = openSilently(handle);
      if (fd >= 0) {
        return fd;
      }
    }
    return opener.openChild(directory, name, 0, name.length, Access.DIRECTORY);
  }

  /** Opens what a path below a target's root leads to; the negated errno if it can't. */
  int openInRoot(int root, byte[] path) {
    if (isToBeSilent()) {
      int fd = openSilently(opener.tryOpenInRoot(root, path, Access.HANDLE));
      if (fd >= 0) {
        return fd;
      }
    }
    return opener.tryOpenInRoot(root, path, Access.DIRECTORY);
  }

  private int openSilently(int handle) {
    if (handle < 0) {
      return handle;
    }
    try {
      int fd = silent.openDirectory(handle);
      wasSilent = silent.wasSilent();
      return fd;
    } finally {
      Kernel.close(handle);
    }
  }

  private boolean isToBeSilent() {
    wasSilent = false;
    if (!othersHear || unavailable) {
      return false;
    }
    if (silent == null) {
      try {
        silent = new SilentOpener(threads);
      } catch (NativeException e) {
        unavailable = true;
        log.warn(
            "inotify: targets that share directories will see each other's listings: {}",
            e.getMessage());
        return false;
      }
    }
    return true;
  }

  /** Whether the directory that was opened last is read without an event for anybody. */
  boolean wasSilent() {
    return wasSilent;
  }

  @Override
  public void close() {
    if (silent != null) {
      silent.close();
    }
  }
}

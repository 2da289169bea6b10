package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener.Access;
import dev.custos.linux.SilentOpener;
import dev.custos.spi.Target;
import java.nio.file.Path;
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

  /**
   * An open directory. What is mounted on its entries is seen by the handle alone, if the two are
   * not the same.
   *
   * @param handle what its entries are looked up by; the negated errno if it could not be opened
   * @param fd what it is read by
   */
  record Opened(int handle, int fd) {
    boolean isSilent() {
      return handle != fd;
    }

    void close() {
      Kernel.close(fd);
      if (handle != fd) {
        Kernel.close(handle);
      }
    }
  }

  private final Kernel kernel;
  private final ThreadFactory threads;
  private volatile boolean othersHear;
  private SilentOpener silent;
  private boolean unavailable;
  private boolean toldWhy;

  ListingOpener(Kernel kernel, ThreadFactory threads) {
    this.kernel = kernel;
    this.threads = threads;
  }

  /** Whether another instance hears of directories being read; any thread. */
  void othersHear(boolean hear) {
    othersHear = hear;
  }

  /** Opens an entry of an open directory, not through a link. */
  Opened openChild(Opened directory, byte[] name, Target target) {
    if (isToBeSilent()) {
      int handle =
          kernel.opener.openChild(directory.handle(), name, 0, name.length, Access.HANDLE_NOFOLLOW);
      if (handle >= 0 && directory.isSilent()) {
        int fd = silent.openChild(directory.fd(), name, handle);
        if (fd >= 0) {
          return new Opened(handle, fd);
        }
      }
      Opened opened = openSilently(handle, target);
      if (opened != null) {
        return opened;
      }
    }
    int fd = kernel.opener.openChild(directory.handle(), name, 0, name.length, Access.DIRECTORY);
    return new Opened(fd, fd);
  }

  /** Opens what a path below a target's root leads to. */
  Opened openInRoot(Target target, byte[] path) {
    if (isToBeSilent()) {
      int handle = kernel.opener.tryOpenInRoot(target.rootFd(), path, Access.HANDLE);
      Opened opened = openSilently(handle, target);
      if (opened != null) {
        return opened;
      }
    }
    int fd = kernel.opener.tryOpenInRoot(target.rootFd(), path, Access.DIRECTORY);
    return new Opened(fd, fd);
  }

  /** Takes the handle; null if it is none, or if what it stands for can't be opened silently. */
  private Opened openSilently(int handle, Target target) {
    if (handle < 0) {
      return null;
    }
    try {
      Path namespace = target.mountTable().resolveSibling("ns/mnt");
      int fd = silent.openDirectory(handle, namespace);
      if (fd >= 0) {
        return new Opened(handle, fd);
      }
    } catch (NativeException e) {
      if (!toldWhy) {
        toldWhy = true;
        tellWhy(e);
      }
    }
    Kernel.close(handle);
    return null;
  }

  private boolean isToBeSilent() {
    if (!othersHear || unavailable) {
      return false;
    }
    if (silent == null) {
      try {
        silent = new SilentOpener(threads);
      } catch (NativeException e) {
        unavailable = true;
        tellWhy(e);
        return false;
      }
    }
    return true;
  }

  private static void tellWhy(NativeException e) {
    log.warn(
        "inotify: targets that share directories will see each other's listings: {}",
        e.getMessage());
  }

  /**
   * There is nothing to read for now. What it takes to read silently is let go of: the kernel has
   * few fanotify groups for each user (fs.fanotify.max_user_groups), and guards need them.
   */
  void rest() {
    close();
    silent = null;
  }

  @Override
  public void close() {
    if (silent != null) {
      silent.close();
    }
  }
}

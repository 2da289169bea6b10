package dev.custos.inotify;

import dev.custos.linux.DirectoryReader;
import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.FileStatus;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import dev.custos.linux.PathOpener;
import java.util.concurrent.ThreadFactory;

/**
 * The calls of one instance, with the buffers of the thread that serves it. Directories are
 * addressed by descriptor and a single name that is never followed, so nothing a container does
 * between two calls leads out of what was opened.
 */
final class Kernel implements AutoCloseable {
  final InotifyDescriptor inotify;
  final ListingOpener listings;

  // Those of the thread that serves the instance now.
  PathOpener opener;
  FileStatus status;
  DirectoryReader directory;
  private PathBuffer path;

  Kernel(ThreadFactory threads) throws NativeException {
    this.inotify = InotifyDescriptor.open();
    this.listings = new ListingOpener(this, threads);
  }

  /** Uses a thread's buffers from now on. */
  void equip(Tools tools) {
    opener = tools.opener;
    status = tools.status;
    directory = tools.directory;
    path = tools.path;
  }

  /** Lets go of the buffers: the next call of a path comes after the next {@link #equip}. */
  void unequip() {
    opener = null;
    status = null;
    directory = null;
    path = null;
  }

  /** Watches the object that a descriptor has open; returns its wd or the negated errno. */
  int watch(int fd, int mask) {
    return inotify.add(path.descriptor(fd), mask);
  }

  /** Watches an entry of an open directory, not through a link; the wd or the negated errno. */
  int watchChild(int dirFd, byte[] name, int offset, int length, int mask) {
    return inotify.add(path.child(dirFd, name, offset, length), mask | Mask.DONT_FOLLOW);
  }

  static boolean isLimit(int errno) {
    return errno == Errno.ENOSPC || errno == Errno.ENOMEM;
  }

  static void close(int fd) {
    FileDescriptor.close(fd);
  }

  @Override
  public void close() {
    listings.close();
    inotify.close();
  }
}

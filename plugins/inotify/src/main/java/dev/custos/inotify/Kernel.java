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
 * The calls of one instance, with the buffers they share. Directories are addressed by descriptor
 * and a single name that is never followed, so nothing a container does between two calls leads out
 * of what was opened.
 */
final class Kernel implements AutoCloseable {
  final InotifyDescriptor inotify;
  final PathOpener opener = new PathOpener();
  final FileStatus status = new FileStatus();
  final DirectoryReader directory = new DirectoryReader();
  final ListingOpener listings;
  private final PathBuffer path = new PathBuffer();

  Kernel(ThreadFactory threads) throws NativeException {
    this.inotify = InotifyDescriptor.open();
    this.listings = new ListingOpener(opener, threads);
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

package dev.custos.inotify;

import dev.custos.linux.FileStatus;
import dev.custos.linux.FileSystem;

/**
 * Tells by link counts which directories have none in them, where the file system counts so: each
 * directory in one adds a link to it. Most directories are leaves: this spares opening and reading
 * them.
 */
final class LinkCounts {
  private static final int OF_A_LEAF = 2;

  // Of the directory whose entries are looked at.
  private long device = -1;
  private boolean tell;

  /** From now on it is about entries of this directory. */
  void enter(int directory, FileStatus status) {
    if (status.of(directory) != 0) {
      device = -1;
      tell = false;
    } else if (status.device() != device) {
      device = status.device();
      tell = FileSystem.countsSubdirectoriesAsLinks(FileSystem.magic(directory));
    }
  }

  /** Whether it makes sense to ask. */
  boolean tell() {
    return tell;
  }

  /**
   * Whether a directory has none in it. It is one that is watched already: what is made in it later
   * is in the queue.
   */
  boolean isLeaf(int directory, FileStatus status) {
    // Another file system may be mounted on an entry.
    return status.of(directory) == 0 && status.device() == device && status.links() == OF_A_LEAF;
  }
}

package dev.custos.fanotify;

import java.util.Arrays;

/**
 * The directories that the agent itself reads at this moment to find what is in them. Where they
 * are guarded the kernel asks about that too, and it concerns nobody. Thread-safe; asking takes no
 * lock and makes no object, because a reader asks.
 */
final class OwnListings {
  // Device and inode, one pair after the other.
  private volatile long[] now = {};

  synchronized void begin(long device, long inode) {
    long[] more = Arrays.copyOf(now, now.length + 2);
    more[now.length] = device;
    more[now.length + 1] = inode;
    now = more;
  }

  synchronized void end(long device, long inode) {
    long[] all = now;
    for (int i = 0; i < all.length; i += 2) {
      if (all[i] == device && all[i + 1] == inode) {
        long[] rest = Arrays.copyOf(all, all.length - 2);
        System.arraycopy(all, i + 2, rest, i, all.length - i - 2);
        now = rest;
        return;
      }
    }
  }

  boolean has(long device, long inode) {
    long[] all = now;
    for (int i = 0; i < all.length; i += 2) {
      if (all[i] == device && all[i + 1] == inode) {
        return true;
      }
    }
    return false;
  }
}

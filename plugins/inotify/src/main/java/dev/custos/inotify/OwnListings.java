package dev.custos.inotify;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells the events that our own reading of directories raises from those of others, so that the
 * former reach nobody.
 *
 * <p>The kernel has no flag that keeps a listing silent, and taking the bits out of a mask
 * meanwhile would hide what others do in the same directory. So each call that raises an event
 * announces it, and the event is taken off as it comes: OPEN, ACCESS for each getdents64(2) and
 * CLOSE_NOWRITE, on the directory and on its parent. The kernel merges equal neighbours in its
 * queue, so fewer may come; what did not is forgotten as soon as the queue was empty. If somebody
 * else lists the same directory at that very moment, one of the two equal events is taken for ours.
 */
final class OwnListings {
  /**
   * A directory that is being read.
   *
   * @param wd its own
   * @param parentWd that of the directory it is in, or -1
   * @param nameHash the hash of its name there
   */
  record Listing(int wd, int parentWd, int nameHash) {}

  private record Directory(int wd, int nameHash) {}

  private static final class Expected {
    private int opens;
    private int accesses;
    private int closes;

    private void add(int bit) {
      switch (bit) {
        case Mask.OPEN -> opens++;
        case Mask.ACCESS -> accesses++;
        default -> closes++;
      }
    }

    private boolean take(int mask) {
      if ((mask & Mask.OPEN) != 0) {
        return opens-- > 0;
      }
      return (mask & Mask.ACCESS) != 0 ? accesses-- > 0 : closes-- > 0;
    }
  }

  private final Map<Directory, Expected> expected = new HashMap<>();

  /** A call has just raised the event of this bit. */
  void raised(Listing listing, int bit) {
    expect(new Directory(listing.wd, 0), bit);
    if (listing.parentWd >= 0) {
      expect(new Directory(listing.parentWd, listing.nameHash | 1), bit);
    }
  }

  private void expect(Directory directory, int bit) {
    expected.computeIfAbsent(directory, d -> new Expected()).add(bit);
  }

  /** Whether this event on a directory is ours. */
  boolean take(int wd, int mask, byte[] name, int nameLength) {
    if (expected.isEmpty()) {
      return false;
    }
    int hash = nameLength == 0 ? 0 : NameArena.hash(name, 0, nameLength) | 1;
    Expected e = expected.get(new Directory(wd, hash));
    return e != null && e.take(mask);
  }

  /** The kernel's queue is empty: nothing that was expected is still to come. */
  void forget() {
    if (!expected.isEmpty()) {
      expected.clear();
    }
  }
}

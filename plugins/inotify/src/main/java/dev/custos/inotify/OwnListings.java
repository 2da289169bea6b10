package dev.custos.inotify;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells the events that our own reading of directories raises from those of others, so that the
 * former reach nobody.
 *
 * <p>The kernel has no flag that keeps a listing silent, and taking the bits out of a mask
 * meanwhile would hide what others do in the same directory. So what a listing is going to raise is
 * counted, and taken off as it comes: OPEN and CLOSE_NOWRITE once, ACCESS once for each
 * getdents64(2), on the directory and on its parent. The kernel merges equal neighbours in its
 * queue, so fewer may come; what did not is forgotten as soon as the queue was empty. If somebody
 * else lists the same directory at that very moment, one of the two equal events is taken for ours.
 */
final class OwnListings {
  private record Directory(int wd, int nameHash) {}

  private static final class Expected {
    private int opens;
    private int accesses;
    private int closes;

    private boolean take(int mask) {
      if ((mask & Mask.OPEN) != 0) {
        return opens-- > 0;
      }
      return (mask & Mask.ACCESS) != 0 ? accesses-- > 0 : closes-- > 0;
    }
  }

  private final Map<Directory, Expected> expected = new HashMap<>();

  /**
   * Announces a finished listing.
   *
   * @param wd the directory's own
   * @param parentWd that of the directory it is in, or -1
   * @param nameHash the hash of its name there
   * @param reads how many getdents64(2) there were
   */
  void expect(int wd, int parentWd, int nameHash, int reads) {
    add(new Directory(wd, 0), reads);
    if (parentWd >= 0) {
      add(new Directory(parentWd, nameHash | 1), reads);
    }
  }

  private void add(Directory directory, int reads) {
    Expected e = expected.computeIfAbsent(directory, d -> new Expected());
    e.opens++;
    e.closes++;
    e.accesses += reads;
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

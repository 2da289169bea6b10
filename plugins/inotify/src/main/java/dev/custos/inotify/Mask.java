package dev.custos.inotify;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.watch.Watch;
import java.util.Collection;
import java.util.Set;

/** inotify(7)'s mask bits. */
final class Mask {
  static final int ACCESS = 0x1;
  static final int MODIFY = 0x2;
  static final int ATTRIB = 0x4;
  static final int CLOSE_WRITE = 0x8;
  static final int CLOSE_NOWRITE = 0x10;
  static final int OPEN = 0x20;
  static final int MOVED_FROM = 0x40;
  static final int MOVED_TO = 0x80;
  static final int CREATE = 0x100;
  static final int DELETE = 0x200;
  static final int DELETE_SELF = 0x400;
  static final int MOVE_SELF = 0x800;
  static final int UNMOUNT = 0x2000;
  static final int Q_OVERFLOW = 0x4000;
  static final int IGNORED = 0x8000;
  static final int ONLYDIR = 0x01000000;
  static final int DONT_FOLLOW = 0x02000000;
  static final int MASK_ADD = 0x20000000;
  static final int ISDIR = 0x40000000;

  /** Every bit that says what happened. */
  static final int ALL_KINDS = 0xfff;

  /** What a directory of a tree has to tell for the tree to be followed. */
  static final int STRUCTURE = CREATE | MOVED_FROM | MOVED_TO;

  /** What an anchor waits for. */
  static final int NAMES = CREATE | DELETE | MOVED_FROM | MOVED_TO;

  /** What reading a directory raises on it and on its parent. */
  static final int LISTING = OPEN | ACCESS | CLOSE_NOWRITE;

  private static final ChangeKind[] KINDS = {
    ChangeKind.ACCESS,
    ChangeKind.MODIFY,
    ChangeKind.ATTRIB,
    ChangeKind.CLOSE_WRITE,
    ChangeKind.CLOSE_NOWRITE,
    ChangeKind.OPEN,
    ChangeKind.MOVED_FROM,
    ChangeKind.MOVED_TO,
    ChangeKind.CREATE,
    ChangeKind.DELETE,
    ChangeKind.DELETE_SELF,
    ChangeKind.MOVE_SELF,
  };

  private Mask() {}

  static int of(Set<ChangeKind> kinds) {
    int bits = 0;
    for (int i = 0; i < KINDS.length; i++) {
      if (kinds.contains(KINDS[i])) {
        bits |= 1 << i;
      }
    }
    return bits;
  }

  /** Whether any of these watches hears of a directory being read. */
  static boolean hearsListings(Collection<Watch> watches) {
    return watches.stream().anyMatch(w -> (of(w.kinds()) & LISTING) != 0);
  }

  /** The kind of the lowest bit that is set, or null if none says what happened. */
  static ChangeKind kind(int mask) {
    int bit = Integer.numberOfTrailingZeros(mask & ALL_KINDS);
    return bit < KINDS.length ? KINDS[bit] : null;
  }
}

package dev.custos.inotify;

import java.util.Arrays;
import java.util.BitSet;

/**
 * All places of an instance, packed: a place is a number, its facts are a row of ints. Rows lie in
 * chunks, so that growing never copies more than a chunk. Two hash indexes share the rows: by watch
 * descriptor (which the kernel gives out in ascending order and hardly ever again) and by parent
 * and name.
 *
 * <p>Place 0 does not exist and stands for "none".
 */
final class PlaceTable {
  static final int NONE = 0;

  /** A place that only waits for a name; see the package's words. */
  static final int ANCHOR = 1;

  /** Where a subscription's path leads. */
  static final int ROOT = 2;

  /** Moved away, and not seen anywhere else yet. */
  static final int DETACHED = 4;

  /** Seen by the listing that runs now. */
  static final int SEEN = 8;

  /** Must be listed again, because a change in it could not be looked at when it was told. */
  static final int STALE = 16;

  /** Waits to be listed. */
  static final int QUEUED = 32;

  /** Waits to be listed, and all in it is news. */
  static final int FRESH = 64;

  private static final int NO_NAME = -1;
  private static final int NO_WD = -1;

  private static final int SUBSCRIPTION = 0;
  private static final int PARENT = 1;
  private static final int NAME = 2;
  private static final int WD = 3;
  private static final int NEXT_OF_WD_BUCKET = 4;
  private static final int NEXT_OF_NAME_BUCKET = 5;
  private static final int FIRST_CHILD = 6;
  private static final int NEXT_SIBLING = 7;
  private static final int PREVIOUS_SIBLING = 8;
  private static final int FLAGS = 9;
  private static final int WIDTH = 10;
  private static final int ROW_BITS = 10;
  private static final int ROWS = 1 << ROW_BITS;
  private static final int FIRST_ROWS = 16;

  private int[][] chunks = new int[16][];
  private int rows = 1;
  private int freeRow = NONE;
  private int[] byWd = new int[64];
  private int[] byName = new int[64];
  private int bound;
  private int linked;
  private NameArena names = new NameArena();

  // --- rows

  private int get(int place, int column) {
    return chunks[place >>> ROW_BITS][(place & (ROWS - 1)) * WIDTH + column];
  }

  private void set(int place, int column, int value) {
    chunks[place >>> ROW_BITS][(place & (ROWS - 1)) * WIDTH + column] = value;
  }

  /** A new place without parent, name or watch descriptor. */
  int create(int subscription, int flags) {
    int place = freeRow;
    if (place != NONE) {
      freeRow = get(place, PARENT);
    } else {
      place = rows++;
      makeRoomFor(place);
    }
    for (int column = 0; column < WIDTH; column++) {
      set(place, column, 0);
    }
    set(place, SUBSCRIPTION, subscription);
    set(place, FLAGS, flags);
    set(place, NAME, NO_NAME);
    set(place, WD, NO_WD);
    return place;
  }

  private void makeRoomFor(int place) {
    int chunk = place >>> ROW_BITS;
    int end = ((place & (ROWS - 1)) + 1) * WIDTH;
    if (chunk == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunk * 2);
    }
    if (chunks[chunk] == null) {
      // The first one grows to its size: most containers have a few directories.
      chunks[chunk] = new int[(chunk == 0 ? FIRST_ROWS : ROWS) * WIDTH];
    } else if (end > chunks[chunk].length) {
      chunks[chunk] = Arrays.copyOf(chunks[chunk], 2 * chunks[chunk].length);
    }
  }

  /** Forgets a place that has neither parent, children nor watch descriptor. */
  void free(int place) {
    dropName(place);
    set(place, SUBSCRIPTION, -1);
    set(place, PARENT, freeRow);
    freeRow = place;
  }

  /** Whether a place of this number exists. */
  boolean isLive(int place) {
    return place != NONE && get(place, SUBSCRIPTION) >= 0;
  }

  int subscription(int place) {
    return get(place, SUBSCRIPTION);
  }

  int parent(int place) {
    return get(place, PARENT);
  }

  boolean has(int place, int flag) {
    return (get(place, FLAGS) & flag) != 0;
  }

  void flag(int place, int flag, boolean on) {
    int flags = get(place, FLAGS);
    set(place, FLAGS, on ? flags | flag : flags & ~flag);
  }

  // --- watch descriptors

  int wd(int place) {
    return get(place, WD);
  }

  boolean isBound(int place) {
    return get(place, WD) != NO_WD;
  }

  void bind(int place, int wd) {
    if (++bound > byWd.length + byWd.length / 2) {
      growByWd();
    }
    set(place, WD, wd);
    int bucket = wd & (byWd.length - 1);
    set(place, NEXT_OF_WD_BUCKET, byWd[bucket]);
    byWd[bucket] = place;
  }

  void unbind(int place) {
    int bucket = get(place, WD) & (byWd.length - 1);
    if (byWd[bucket] == place) {
      byWd[bucket] = get(place, NEXT_OF_WD_BUCKET);
    } else {
      int before = byWd[bucket];
      while (get(before, NEXT_OF_WD_BUCKET) != place) {
        before = get(before, NEXT_OF_WD_BUCKET);
      }
      set(before, NEXT_OF_WD_BUCKET, get(place, NEXT_OF_WD_BUCKET));
    }
    set(place, WD, NO_WD);
    bound--;
  }

  private void growByWd() {
    byWd = new int[byWd.length * 4];
    for (int place = 1; place < rows; place++) {
      if (get(place, SUBSCRIPTION) >= 0 && isBound(place)) {
        int bucket = wd(place) & (byWd.length - 1);
        set(place, NEXT_OF_WD_BUCKET, byWd[bucket]);
        byWd[bucket] = place;
      }
    }
  }

  /** The first place that this watch descriptor stands for, or {@link #NONE}. */
  int firstOf(int wd) {
    return skipOthers(byWd[wd & (byWd.length - 1)], wd);
  }

  /** The next place with the same watch descriptor, or {@link #NONE}. */
  int nextOf(int place) {
    return skipOthers(get(place, NEXT_OF_WD_BUCKET), get(place, WD));
  }

  private int skipOthers(int first, int wd) {
    int place = first;
    while (place != NONE && get(place, WD) != wd) {
      place = get(place, NEXT_OF_WD_BUCKET);
    }
    return place;
  }

  /** Every watch descriptor that is in use. */
  BitSet watchDescriptors() {
    BitSet wds = new BitSet();
    for (int place = 1; place < rows; place++) {
      if (isLive(place) && isBound(place)) {
        wds.set(wd(place));
      }
    }
    return wds;
  }

  // --- the tree

  /** Gives a place its name, below {@code parent} or, for an anchor, below nothing. */
  void link(int place, int parent, byte[] name, int offset, int length) {
    dropName(place);
    set(place, NAME, names.add(name, offset, length));
    set(place, PARENT, parent);
    if (parent == NONE) {
      return;
    }
    int first = get(parent, FIRST_CHILD);
    set(place, PREVIOUS_SIBLING, NONE);
    set(place, NEXT_SIBLING, first);
    if (first != NONE) {
      set(first, PREVIOUS_SIBLING, place);
    }
    set(parent, FIRST_CHILD, place);
    if (++linked > byName.length + byName.length / 2) {
      growByName();
    } else {
      putByName(place);
    }
    if (names.isMostlyDead()) {
      compactNames();
    }
  }

  /** Takes a place out of its parent's children; its own children stay below it. */
  void unlink(int place) {
    int parent = get(place, PARENT);
    if (parent == NONE) {
      return;
    }
    int bucket = nameBucket(parent, names.hash(get(place, NAME)));
    if (byName[bucket] == place) {
      byName[bucket] = get(place, NEXT_OF_NAME_BUCKET);
    } else {
      int before = byName[bucket];
      while (get(before, NEXT_OF_NAME_BUCKET) != place) {
        before = get(before, NEXT_OF_NAME_BUCKET);
      }
      set(before, NEXT_OF_NAME_BUCKET, get(place, NEXT_OF_NAME_BUCKET));
    }
    int previous = get(place, PREVIOUS_SIBLING);
    int next = get(place, NEXT_SIBLING);
    if (previous == NONE) {
      set(parent, FIRST_CHILD, next);
    } else {
      set(previous, NEXT_SIBLING, next);
    }
    if (next != NONE) {
      set(next, PREVIOUS_SIBLING, previous);
    }
    set(place, PARENT, NONE);
    linked--;
  }

  private void dropName(int place) {
    if (get(place, NAME) != NO_NAME) {
      names.discard(get(place, NAME));
      set(place, NAME, NO_NAME);
    }
  }

  private void compactNames() {
    NameArena compact = new NameArena();
    for (int place = 1; place < rows; place++) {
      if (get(place, SUBSCRIPTION) >= 0 && get(place, NAME) != NO_NAME) {
        int length = names.length(get(place, NAME));
        byte[] name = new byte[length];
        names.copyTo(get(place, NAME), name, 0);
        set(place, NAME, compact.add(name, 0, length));
      }
    }
    names = compact;
  }

  private int nameBucket(int parent, int hash) {
    int mixed = (hash + parent) * 0x9e3779b9;
    return (mixed ^ mixed >>> 15) & (byName.length - 1);
  }

  private void putByName(int place) {
    int bucket = nameBucket(get(place, PARENT), names.hash(get(place, NAME)));
    set(place, NEXT_OF_NAME_BUCKET, byName[bucket]);
    byName[bucket] = place;
  }

  private void growByName() {
    byName = new int[byName.length * 4];
    for (int place = 1; place < rows; place++) {
      if (get(place, SUBSCRIPTION) >= 0 && get(place, PARENT) != NONE) {
        putByName(place);
      }
    }
  }

  /** The child of this name, or {@link #NONE}. */
  int child(int parent, byte[] name, int offset, int length) {
    int place = byName[nameBucket(parent, NameArena.hash(name, offset, length))];
    while (place != NONE
        && !(get(place, PARENT) == parent && nameEquals(place, name, offset, length))) {
      place = get(place, NEXT_OF_NAME_BUCKET);
    }
    return place;
  }

  boolean nameEquals(int place, byte[] name, int offset, int length) {
    return names.equals(get(place, NAME), name, offset, length);
  }

  int firstChild(int place) {
    return get(place, FIRST_CHILD);
  }

  int nextSibling(int place) {
    return get(place, NEXT_SIBLING);
  }

  int nameLength(int place) {
    return get(place, NAME) == NO_NAME ? 0 : names.length(get(place, NAME));
  }

  void copyName(int place, byte[] target, int offset) {
    names.copyTo(get(place, NAME), target, offset);
  }

  /** How many levels a place lies below the top of its tree. */
  int depth(int place) {
    int depth = 0;
    for (int p = get(place, PARENT); p != NONE; p = get(p, PARENT)) {
      depth++;
    }
    return depth;
  }

  /** Whether a place is another one or lies below it. */
  boolean isWithin(int place, int other) {
    int p = place;
    while (p != NONE && p != other) {
      p = get(p, PARENT);
    }
    return p == other;
  }

  /** The top of a place's tree: its subscription's root, or what was detached from it. */
  int top(int place) {
    int top = place;
    while (get(top, PARENT) != NONE) {
      top = get(top, PARENT);
    }
    return top;
  }

  /** The bytes of a place's path: {@code root}, which its top stands for, and the names below. */
  byte[] path(int place, byte[] root) {
    int length = root.length;
    boolean rootIsSlash = root.length == 1;
    for (int p = place; get(p, PARENT) != NONE; p = get(p, PARENT)) {
      length += 1 + nameLength(p);
    }
    if (rootIsSlash && length > 1) {
      length--;
    }
    byte[] path = new byte[length];
    int end = length;
    for (int p = place; get(p, PARENT) != NONE; p = get(p, PARENT)) {
      end -= nameLength(p);
      copyName(p, path, end);
      path[--end] = '/';
    }
    System.arraycopy(root, 0, path, 0, Math.max(end, 0));
    return path;
  }
}

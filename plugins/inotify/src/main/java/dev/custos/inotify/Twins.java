package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.NONE;

/**
 * Places that are one directory to the kernel. Bind mounts make them; and so do directories that
 * change places while they are looked at, because one of them is met under both names. What was
 * found in such a directory is known below one of its places alone, which may not be the one that
 * stays.
 */
final class Twins {
  private final Forest forest;
  private final PlaceTable places;

  Twins(Forest forest) {
    this.forest = forest;
    this.places = forest.places;
  }

  /**
   * Moves what is in a tree that is about to be released to the other places of its directories,
   * where those don't know it.
   *
   * @return the tops of what was moved
   */
  IntStack handOver(int top) {
    IntStack moved = new IntStack();
    IntStack walk = new IntStack();
    walk.push(top);
    while (!walk.isEmpty()) {
      int place = walk.pop();
      int twin = twinOutside(top, place);
      int child = places.firstChild(place);
      while (child != NONE) {
        int next = places.nextSibling(child);
        if (twin != NONE && take(twin, child)) {
          moved.push(child);
        } else {
          walk.push(child);
        }
        child = next;
      }
    }
    return moved;
  }

  private int twinOutside(int top, int place) {
    if (!places.isBound(place)) {
      return NONE;
    }
    Subscription s = forest.subscriptionOf(place);
    for (int p = places.firstOf(places.wd(place)); p != NONE; p = places.nextOf(p)) {
      if (forest.isInTree(p, s) && !places.isWithin(p, top)) {
        return p;
      }
    }
    return NONE;
  }

  private boolean take(int twin, int child) {
    Subscription s = forest.subscriptionOf(twin);
    byte[] name = new byte[places.nameLength(child)];
    places.copyName(child, name, 0);
    if (places.child(twin, name, 0, name.length) != NONE
        || !forest.reachesBelow(s, twin)
        || forest.ignores(s, twin, name, 0, name.length)) {
      return false;
    }
    forest.attach(child, twin, name, 0, name.length);
    return true;
  }
}

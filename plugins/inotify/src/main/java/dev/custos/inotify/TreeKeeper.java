package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.DETACHED;
import static dev.custos.inotify.PlaceTable.NONE;
import static dev.custos.inotify.PlaceTable.SEEN;
import static dev.custos.inotify.PlaceTable.STALE;

import dev.custos.inotify.TreeScanner.Mode;
import dev.custos.linux.Errno;
import dev.custos.spi.event.FilePath;
import java.util.List;
import java.util.function.Consumer;

/**
 * Follows directories as they appear, are renamed, moved and removed. What an event says is checked
 * by watching the name it gives: the wd that comes back says which directory is there now.
 */
final class TreeKeeper implements Growth {
  private static final long RETRY_AT_FIRST = 10_000_000L;
  private static final long RETRY_AT_LAST = 5_000_000_000L;

  private final Forest forest;
  private final PlaceTable places;
  private final Kernel kernel;
  private final Refusals refusals;
  private final Moves moves = new Moves();
  private final Twins twins;
  private TreeScanner scanner;
  private Consumer<Moves.Held> redeliver;

  /**
   * Pairs of place and mode: directories that could not be looked at when they should have been.
   */
  private final IntStack stale = new IntStack();

  private long retryDelay = RETRY_AT_FIRST;
  private long retryAt;

  TreeKeeper(Forest forest, Kernel kernel, Reporter reporter) {
    this.forest = forest;
    this.places = forest.places;
    this.kernel = kernel;
    this.refusals = new Refusals(forest, reporter);
    this.twins = new Twins(forest);
  }

  /** The two that call back; set once, before anything happens. */
  void connect(TreeScanner scanner, Consumer<Moves.Held> redeliver) {
    this.scanner = scanner;
    this.redeliver = redeliver;
    forest.onRelease(
        place -> {
          scanner.released(place);
          if (places.has(place, DETACHED)) {
            moves.remove(moves.ofTop(place));
          }
        });
  }

  /** Forgets what a subscription that ends has on its way. */
  void unsubscribed(Subscription s) {
    Moves.Move move;
    while ((move = moves.ofSubscription(s.id, places)) != null) {
      forest.release(move.place);
    }
  }

  // --- what the kernel tells

  /** Keeps an event for later if its place is on its way elsewhere. */
  boolean holds(int place, int mask, int cookie, byte[] name, int length) {
    if (moves.isEmpty()) {
      return false;
    }
    int top = places.top(place);
    if (!places.has(top, DETACHED)) {
      return false;
    }
    moves.ofTop(top).hold(new Moves.Held(place, mask, cookie, FilePath.ofBytes(name, 0, length)));
    return true;
  }

  void structure(int place, int mask, int cookie, byte[] name, int length) {
    if ((mask & Mask.MOVED_FROM) != 0) {
      movedFrom(place, cookie, name, length);
    } else if ((mask & Mask.MOVED_TO) != 0) {
      movedTo(place, cookie, name, length);
    } else {
      appeared(place, name, length);
    }
  }

  private void movedFrom(int parent, int cookie, byte[] name, int length) {
    int child = places.child(parent, name, 0, length);
    if (child == NONE) {
      return;
    }
    int fd = forest.open(parent);
    if (fd >= 0) {
      Subscription s = forest.subscriptionOf(parent);
      int wd = kernel.watchChild(fd, name, 0, length, s.directoryMask(false));
      if (wd == places.wd(child)) {
        return; // the event is older than our picture, or the directory has come back since
      }
      forest.discardIfUnused(wd);
    } else {
      // Of an exchange, what came is told before what went: this may be the one that came.
      markStale(parent, Mode.COMPARE);
    }
    forest.detach(child);
    moves.add(child, cookie, System.nanoTime());
  }

  private void movedTo(int parent, int cookie, byte[] name, int length) {
    Moves.Move move = moves.ofCookie(cookie, places.subscription(parent), places);
    if (move == null) {
      appeared(parent, name, length);
      return;
    }
    int fd = forest.open(parent);
    if (fd < 0) {
      settle(move, parent, name, length);
      markStale(parent, Mode.COMPARE);
      return;
    }
    // What was taken for moved may have been a later directory of that name, itself moved since.
    Subscription s = forest.subscriptionOf(parent);
    int wd = kernel.watchChild(fd, name, 0, length, s.directoryMask(false));
    if (wd == places.wd(move.place)) {
      settle(move, parent, name, length);
    } else if (wd >= 0) {
      forest.discardIfUnused(wd);
      appeared(parent, name, length);
    } // else it has gone on from here, and turns up where the queue says next
  }

  private void appeared(int parent, byte[] name, int length) {
    Subscription s = forest.subscriptionOf(parent);
    if (!forest.reachesBelow(s, parent) || forest.ignores(s, parent, name, 0, length)) {
      return;
    }
    if (s.limit != null && !forest.hasRoom()) {
      return; // told already; a storm of new directories must not cost two calls each
    }
    int fd = forest.open(parent);
    if (fd < 0) {
      markStale(parent, Mode.COMPARE);
      return;
    }
    int wd = kernel.watchChild(fd, name, 0, length, s.directoryMask(false));
    if (wd < 0) {
      refused(s, parent, name, length, -wd);
    } else {
      found(parent, name, length, wd, Mode.NEWS);
    }
  }

  /** The kernel has dropped a watch by itself: what it was on is gone, or its file system is. */
  void gone(int place) {
    int parent = places.parent(place);
    boolean wasUnmounted = parent != NONE && forest.subscriptionOf(place).unmounted;
    forest.releaseDead(place);
    if (wasUnmounted) {
      markStale(parent, Mode.REMOUNT);
    }
  }

  /** Something was mounted or unmounted at a path below the subscription's own. */
  void remounted(Subscription s, byte[] below) {
    int place = s.root;
    int start = 0;
    while (place != NONE && start < below.length) {
      int end = start;
      while (end < below.length && below[end] != '/') {
        end++;
      }
      if (end == below.length) {
        markStale(place, Mode.REMOUNT);
      }
      place = places.child(place, below, start, end - start);
      start = end + 1;
    }
  }

  // --- what is found

  @Override
  public void found(int parent, byte[] name, int length, int wd, Mode mode) {
    Subscription s = forest.subscriptionOf(parent);
    int known = places.child(parent, name, 0, length);
    if (known != NONE && places.wd(known) == wd) {
      places.flag(known, SEEN, true);
      return;
    }
    if (known != NONE) {
      vanished(known);
    }
    int elsewhere = forest.placeOf(wd, s);
    if (elsewhere != NONE && comesFrom(elsewhere, parent, name, length)) {
      return;
    }
    if (places.firstOf(wd) == NONE && !forest.hasRoom()) {
      forest.discardIfUnused(wd);
      refusals.limit(s, parent, name, length, forest.noRoomReason());
      return;
    }
    int place = forest.addChild(s, parent, name, 0, length, wd);
    places.flag(place, SEEN, true);
    if (mode != Mode.NONE) {
      scanner.add(place, mode);
    }
  }

  /**
   * Moves a place that turned up here, unless it is still where it was: then this is a bind mount.
   */
  private boolean comesFrom(int elsewhere, int parent, byte[] name, int length) {
    if (places.has(elsewhere, DETACHED)) {
      settle(moves.ofTop(elsewhere), parent, name, length);
      return true;
    }
    int top = places.top(elsewhere);
    boolean withinMoved = places.has(top, DETACHED);
    if (!withinMoved && forest.isWhereItWas(elsewhere)) {
      return false;
    }
    if (places.isWithin(parent, elsewhere)) {
      // Two directories changed places while we looked; the queue is about to say how.
      markStale(parent, Mode.COMPARE);
      return true;
    }
    forest.attach(elsewhere, parent, name, 0, length);
    places.flag(elsewhere, SEEN, true);
    Subscription s = forest.subscriptionOf(parent);
    if (s.watch.maxDepth() > 0) {
      adjustDepth(s, elsewhere);
    }
    if (withinMoved) {
      // They belong here, and not where the directory goes that this one was in.
      moves.ofTop(top).takeWithin(elsewhere, places).forEach(redeliver);
    }
    return true;
  }

  private void settle(Moves.Move move, int parent, byte[] name, int length) {
    Subscription s = forest.subscriptionOf(parent);
    int place = move.place;
    if (!forest.reachesBelow(s, parent) || forest.ignores(s, parent, name, 0, length)) {
      release(move);
      return;
    }
    if (places.isWithin(parent, place)) {
      // As above. The move stays open until the queue has told of the other one.
      markStale(parent, Mode.COMPARE);
      return;
    }
    int replaced = places.child(parent, name, 0, length);
    if (replaced != NONE) {
      vanished(replaced);
    }
    moves.remove(move);
    forest.attach(place, parent, name, 0, length);
    places.flag(place, SEEN, true);
    if (s.watch.maxDepth() > 0) {
      adjustDepth(s, place);
    }
    for (Moves.Held held : move.held()) {
      redeliver.accept(held);
    }
  }

  /** A tree that lies higher or lower now reaches further down, or less far. */
  private void adjustDepth(Subscription s, int top) {
    IntStack walk = new IntStack();
    walk.push(top);
    while (!walk.isEmpty()) {
      int place = walk.pop();
      boolean goesDeeper = forest.reachesBelow(s, place);
      int child = places.firstChild(place);
      while (child != NONE) {
        int next = places.nextSibling(child);
        if (goesDeeper) {
          walk.push(child);
        } else {
          forest.release(child);
        }
        child = next;
      }
      if (goesDeeper) {
        scanner.add(place, Mode.QUIET);
      }
    }
  }

  /**
   * Keeps what is no longer at its name for a moment: it may have been moved, by an exchange for
   * one, and what tells where to is still in the queue. Forgotten at once, all in it would be taken
   * for new when it turns up.
   */
  @Override
  public void vanished(int place) {
    forest.detach(place);
    moves.add(place, Moves.NO_COOKIE, System.nanoTime());
  }

  @Override
  public void refused(Subscription s, int parent, byte[] name, int length, int errno) {
    if (Kernel.isLimit(errno)) {
      refusals.limit(s, parent, name, length, Limits.watchesReason());
    } else if (errno == Errno.EACCES || errno == Errno.EPERM) {
      refusals.unreadable(s, forest.path(parent).resolve(FilePath.ofBytes(name, 0, length)), errno);
    }
    // ENOENT, ENOTDIR, ELOOP: gone or replaced by now, which the queue is about to tell.
  }

  @Override
  public void unreadable(int place, Mode mode, int errno) {
    if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP) {
      markStale(place, mode);
    } else {
      refusals.unreadable(forest.subscriptionOf(place), forest.path(place), errno);
    }
  }

  // --- what has to be looked at again

  private void markStale(int place, Mode mode) {
    if (!places.has(place, STALE)) {
      places.flag(place, STALE, true);
      stale.push(place);
      stale.push(mode.code);
      retryAt = System.nanoTime() + retryDelay;
    }
  }

  /**
   * Looks again at what could not be looked at.
   *
   * @param fresh whether events came since, which may have told where things are now
   */
  void retryStale(boolean fresh) {
    if (stale.isEmpty() || (!fresh && System.nanoTime() - retryAt < 0)) {
      return;
    }
    retryDelay = fresh ? RETRY_AT_FIRST : Math.min(retryDelay * 2, RETRY_AT_LAST);
    while (!stale.isEmpty()) {
      Mode mode = Mode.of(stale.pop());
      int place = stale.pop();
      if (places.isLive(place) && places.has(place, STALE)) {
        places.flag(place, STALE, false);
        scanner.add(place, mode);
      }
    }
  }

  /**
   * Lets go of directories that turned up nowhere: they were moved out.
   *
   * @param settled whether nothing is left in the queue or to be listed that may tell of them
   */
  void expireMoves(boolean settled) {
    long now = System.nanoTime();
    Moves.Move move;
    while ((move = moves.expired(now, settled)) != null) {
      release(move);
    }
  }

  /** Lets go of a directory with all in it, except for what is in another place of it as well. */
  private void release(Moves.Move move) {
    Subscription s = forest.subscriptionOf(move.place);
    IntStack kept = twins.handOver(move.place);
    forest.release(move.place);
    while (!kept.isEmpty()) {
      int place = kept.pop();
      List<Moves.Held> held = move.takeWithin(place, places);
      if (s.watch.maxDepth() > 0) {
        adjustDepth(s, place);
      }
      held.forEach(redeliver);
    }
  }

  /** Milliseconds until there is something to do, or -1. */
  int timeout() {
    long now = System.nanoTime();
    int toMove = moves.millisToNext(now);
    if (stale.isEmpty()) {
      return toMove;
    }
    int toRetry = (int) Math.max(1, (retryAt - now) / 1_000_000 + 1);
    return toMove < 0 ? toRetry : Math.min(toMove, toRetry);
  }
}

package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.ANCHOR;
import static dev.custos.inotify.PlaceTable.DETACHED;
import static dev.custos.inotify.PlaceTable.NONE;
import static dev.custos.inotify.PlaceTable.ROOT;

import dev.custos.inotify.TreeScanner.Mode;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import java.util.function.LongSupplier;

/** Brings each event of the kernel to every place that its watch descriptor stands for. */
final class Dispatcher {
  private final Forest forest;
  private final PlaceTable places;
  private final Reporter reporter;
  private final Told told;
  private final OwnListings ownListings;
  private final TreeScanner scanner;
  private final TreeKeeper keeper;
  private final Attachments attachments;
  private final LongSupplier position;
  private final IntStack several = new IntStack();
  private boolean overflowed;
  private boolean unmounted;

  Dispatcher(
      Forest forest,
      Reporter reporter,
      Told told,
      OwnListings ownListings,
      TreeScanner scanner,
      TreeKeeper keeper,
      Attachments attachments,
      LongSupplier position) {
    this.forest = forest;
    this.places = forest.places;
    this.reporter = reporter;
    this.told = told;
    this.ownListings = ownListings;
    this.scanner = scanner;
    this.keeper = keeper;
    this.attachments = attachments;
    this.position = position;
  }

  /** One record as inotify(7) has it; {@code name} is only good during the call. */
  void event(int wd, int mask, int cookie, byte[] name, int length) {
    if ((mask & Mask.Q_OVERFLOW) != 0) {
      overflow();
      return;
    }
    int first = places.firstOf(wd);
    if (first == NONE) {
      return; // we have let go of this watch; what it still had to say is not wanted
    }
    boolean isDirectory = (mask & Mask.ISDIR) != 0;
    if (isDirectory && (mask & Mask.LISTING) != 0 && ownListings.take(wd, mask, name, length)) {
      return;
    }
    FilePath file = FilePath.ofBytes(name, 0, length);
    if (places.nextOf(first) == NONE) {
      deliver(first, mask, cookie, file, name, length);
      return;
    }
    several.clear();
    for (int p = first; p != NONE; p = places.nextOf(p)) {
      several.push(p);
    }
    // A delivery may release other places of the list, so each is looked at again.
    for (int i = several.size() - 1; i >= 0; i--) {
      int place = several.get(i);
      if (places.isLive(place) && places.wd(place) == wd) {
        deliver(place, mask, cookie, file, name, length);
      }
    }
  }

  private void deliver(int place, int mask, int cookie, FilePath file, byte[] name, int length) {
    Subscription s = forest.subscriptionOf(place);
    if (!places.has(place, ANCHOR) && s.holds(mask, places.has(place, ROOT))) {
      s.hold(new Moves.Held(place, mask, cookie, file));
      return;
    }
    if ((mask & (Mask.IGNORED | Mask.UNMOUNT)) != 0) {
      dropped(s, place, mask);
      return;
    }
    if (places.has(place, ANCHOR)) {
      if ((mask & Mask.NAMES) != 0 && places.nameEquals(place, name, 0, length)) {
        attachments.touch(s);
        if (position.getAsLong() >= s.lookedAt) {
          s.departs(mask);
        }
      }
      return;
    }
    if (keeper.holds(place, mask, cookie, name, length)) {
      return;
    }
    report(s, place, mask, cookie, file, name, length);
    if (length > 0) {
      if ((mask & Mask.ISDIR) != 0 && (mask & Mask.STRUCTURE) != 0 && s.watch.recursive()) {
        keeper.structure(place, mask, cookie, name, length);
      }
    } else if (places.has(place, ROOT) && (mask & (Mask.DELETE_SELF | Mask.MOVE_SELF)) != 0) {
      attachments.touch(s);
    }
  }

  private void report(
      Subscription s, int place, int mask, int cookie, FilePath file, byte[] name, int length) {
    if ((mask & s.reported) == 0) {
      return;
    }
    if (length > 0) {
      if (forest.ignores(s, place, name, 0, length)) {
        return;
      }
      if ((mask & (Mask.CREATE | Mask.MOVED_TO)) != 0 && told.repeatsListing(place, file)) {
        return;
      }
      if (scanner.isToBeListed(place)) {
        told.byKernel(place, file);
      }
    }
    // The kernel leaves ISDIR out of DELETE_SELF and MOVE_SELF.
    boolean isDirectory = length == 0 && (!places.has(place, ROOT) || s.rootIsDirectory);
    int typed = isDirectory ? mask | Mask.ISDIR : mask;
    reporter.change(s, forest.path(place), file, typed, cookie, false);
  }

  void redeliver(Moves.Held held) {
    if (places.isLive(held.place())) {
      byte[] name = held.name().toByteArray();
      deliver(held.place(), held.mask(), held.cookie(), held.name(), name, name.length);
    }
  }

  /** The kernel drops a watch by itself. */
  private void dropped(Subscription s, int place, int mask) {
    if ((mask & Mask.UNMOUNT) != 0) {
      if (!places.has(place, ANCHOR) && !places.has(places.top(place), DETACHED)) {
        s.unmounted = true;
        s.remounted = true;
        s.unmounts.add(forest.path(place), s.path());
        unmounted = true;
      }
      return; // IGNORED follows
    }
    if (places.has(place, ANCHOR)) {
      forest.anchorIsDead(place);
      attachments.touch(s);
    } else if (places.has(place, ROOT)) {
      forest.releaseDead(place);
      attachments.touch(s);
    } else {
      keeper.gone(place);
    }
  }

  /** Whether the kernel dropped watches because of an unmount that is not told yet. */
  boolean sawUnmount() {
    return unmounted;
  }

  /** Tells what was unmounted. */
  void tellUnmounts() {
    if (unmounted) {
      unmounted = false;
      for (Subscription s : forest.subscriptions()) {
        for (FilePath path : s.unmounts.take(s.path())) {
          reporter.lost(s, path, LossReason.UNMOUNTED, path + " was unmounted");
        }
      }
    }
  }

  // --- overflow

  private void overflow() {
    overflowed = true;
    for (Subscription s : forest.subscriptions()) {
      if (s.root != NONE) {
        String detail = "the kernel's queue was full; looking at everything again";
        reporter.lost(s, s.path(), LossReason.KERNEL_QUEUE_OVERFLOW, detail);
      }
    }
  }

  /** After an overflow, makes the picture whole again as soon as no other listing runs. */
  void recover() {
    if (!overflowed || !scanner.isIdle()) {
      return;
    }
    overflowed = false;
    compareAll();
  }

  /** Compares every tree with what is there, and every path with where it leads. */
  void compareAll() {
    for (Subscription s : forest.subscriptions()) {
      attachments.touch(s);
      if (s.root != NONE && s.watch.recursive()) {
        scanner.add(s.root, Mode.COMPARE_TREE);
      }
    }
  }
}

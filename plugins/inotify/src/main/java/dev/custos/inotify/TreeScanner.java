package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.NONE;
import static dev.custos.inotify.PlaceTable.SEEN;

import dev.custos.inotify.ListingOpener.Opened;
import dev.custos.linux.Errno;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Lists directories and watches what it finds, a slice at a time, so that the queue is read in
 * between and does not overflow by our own doing. Depth first, with the directories on the way kept
 * open up to a bound: a deep tree is walked by single names, not by ever longer paths.
 */
final class TreeScanner {
  /** How a directory is looked at. */
  enum Mode {
    /** Nothing in it is news: the watch was asked for just now. */
    QUIET(0, true, false),
    /** All in it is news: the directory itself appeared just now. */
    NEWS(1, false, false),
    /** Compare with what is known, here and below: events were lost. */
    COMPARE_TREE(2, false, true),
    /** Compare with what is known, here alone: a change could not be looked at when it came. */
    COMPARE(3, false, false),
    /** As COMPARE, but what is there now was not made: a mount showed or hid it. */
    REMOUNT(4, true, false),
    /** Not at all: it has no directories in it, and its files are no news. */
    NONE(5, true, false),
    /** As COMPARE_TREE, but what was not known is no news: there was no room to watch it. */
    FILL(6, true, true);

    private static final Mode[] BY_CODE = values();

    /** What stands for it on a stack of ints. */
    final int code;

    private final boolean isQuiet;
    private final boolean goesBelow;

    Mode(int code, boolean isQuiet, boolean goesBelow) {
      this.code = code;
      this.isQuiet = isQuiet;
      this.goesBelow = goesBelow;
    }

    static Mode of(int code) {
      return BY_CODE[code];
    }
  }

  private static final int OPEN_AT_MOST = 32;
  private static final int NO_HANDLE = -1;

  private final Forest forest;
  private final PlaceTable places;
  private final Kernel kernel;
  private final Reporter reporter;
  private final Told told;
  private final OwnListings ownListings;
  private final Growth growth;

  /** Pairs of place and mode. */
  private final IntStack stack = new IntStack();

  /** Directories on the way to the current one, outermost first. */
  private final Deque<Open> ancestors = new ArrayDeque<>();

  private Open open;
  private int current = NONE;
  private Mode mode = Mode.QUIET;
  private boolean expectOwnEvents;

  private final LinkCounts linkCounts = new LinkCounts();
  private final List<Runnable> awaitingQuiet = new ArrayList<>();

  /** An open directory; {@code listing} is null if nobody here hears of it being read. */
  private record Open(int place, Opened files, OwnListings.Listing listing) {
    int handle() {
      return files.handle();
    }
  }

  TreeScanner(
      Forest forest,
      Kernel kernel,
      Reporter reporter,
      Told told,
      OwnListings ownListings,
      Growth growth) {
    this.forest = forest;
    this.places = forest.places;
    this.kernel = kernel;
    this.reporter = reporter;
    this.told = told;
    this.ownListings = ownListings;
    this.growth = growth;
  }

  /** Whether anyone wants to hear of directories being read, so that ours must be told apart. */
  void expectOwnEvents(boolean expect) {
    expectOwnEvents = expect;
  }

  void add(int place, Mode how) {
    if (how == Mode.COMPARE && places.has(place, PlaceTable.QUEUED)) {
      return; // it is going to be listed anyway, and maybe what is below it too
    }
    places.flag(place, PlaceTable.QUEUED, true);
    if (how == Mode.NEWS) {
      places.flag(place, PlaceTable.FRESH, true);
    }
    stack.push(place);
    stack.push(how.code);
  }

  boolean isIdle() {
    return current == NONE && stack.isEmpty();
  }

  /** Does up to {@code steps} directories or parts of large ones. */
  void slice(int steps) {
    for (int i = 0; i < steps && !isIdle(); i++) {
      if (current == NONE) {
        begin();
      } else {
        read();
      }
    }
    if (!awaitingQuiet.isEmpty() && (current == NONE || open.files.isSilent())) {
      closeAncestors();
      awaitingQuiet.forEach(Runnable::run);
      awaitingQuiet.clear();
    }
    if (isIdle()) {
      closeAncestors();
      told.listingsAreDone();
    }
  }

  /** Runs an action as soon as no directory is open that others hear us read. */
  void whenQuiet(Runnable action) {
    awaitingQuiet.add(action);
  }

  /** Whether a directory is listed now or still to be. */
  boolean isToBeListed(int place) {
    return place == current || places.has(place, PlaceTable.QUEUED);
  }

  /** Forgets a place that is released. */
  void released(int place) {
    told.forget(place);
    if (place == current) {
      close(open);
      current = NONE;
    }
  }

  private void begin() {
    mode = Mode.of(stack.pop());
    int place = stack.pop();
    // The place may have been released since, and its number given to another that waits as well.
    if (!places.isLive(place) || !places.has(place, PlaceTable.QUEUED)) {
      return;
    }
    places.flag(place, PlaceTable.QUEUED, false);
    if (places.has(place, PlaceTable.FRESH)) {
      // A comparison may have come upon it since; that must not keep its files from being told.
      places.flag(place, PlaceTable.FRESH, false);
      mode = Mode.NEWS;
    }
    Opened files = openDirectory(place);
    if (files.handle() < 0) {
      growth.unreadable(place, mode, -files.handle());
      return;
    }
    boolean isHeard = expectOwnEvents && !files.isSilent();
    Open opened = new Open(place, files, isHeard ? listing(place) : null);
    raised(opened, Mask.OPEN);
    if (!forest.isAt(place, opened.handle())) {
      close(opened);
      growth.unreadable(place, mode, Errno.ENOENT);
      return;
    }
    open = opened;
    current = place;
    if (mode.isQuiet) {
      linkCounts.enter(open.handle(), kernel.status);
    }
    for (int c = places.firstChild(place); c != NONE; c = places.nextSibling(c)) {
      places.flag(c, SEEN, false);
    }
  }

  private Opened openDirectory(int place) {
    Target target = forest.subscriptionOf(place).target();
    int parent = places.parent(place);
    while (!ancestors.isEmpty() && ancestors.getLast().place != parent) {
      close(ancestors.removeLast());
    }
    if (!ancestors.isEmpty()) {
      byte[] name = new byte[places.nameLength(place)];
      places.copyName(place, name, 0);
      return kernel.listings.openChild(ancestors.getLast().files, name, target);
    }
    return kernel.listings.openInRoot(target, forest.pathBytes(place));
  }

  private void read() {
    int n = kernel.directory.fill(open.files.fd());
    raised(open, Mask.ACCESS);
    if (n > 0) {
      Subscription s = forest.subscriptionOf(current);
      boolean goesDeeper = forest.reachesBelow(s, current);
      while (current != NONE && kernel.directory.next()) {
        entry(s, kernel.directory.name(), kernel.directory.nameLength(), goesDeeper);
      }
      return;
    }
    if (n < 0 && n != -Errno.ENOENT) { // a directory that was removed while open answers ENOENT
      growth.unreadable(current, mode, -n);
    } else {
      sweep();
    }
    finish();
  }

  private void entry(Subscription s, byte[] name, int length, boolean goesDeeper) {
    if (forest.ignores(s, current, name, 0, length)) {
      return;
    }
    boolean isDirectory = kernel.directory.isDirectory();
    if (kernel.directory.isUnknown()) {
      isDirectory =
          kernel.status.ofChild(open.handle(), name, 0, length) == 0 && kernel.status.isDirectory();
    }
    boolean isNews = mode == Mode.NEWS;
    if (isDirectory && goesDeeper) {
      isNews |= directory(s, name, length);
    }
    if (isNews && current != NONE) {
      tell(s, FilePath.ofBytes(name, 0, length), isDirectory);
    }
  }

  /** Watches a directory; returns whether it is news that it is here. */
  private boolean directory(Subscription s, byte[] name, int length) {
    int known = places.child(current, name, 0, length);
    if (known == NONE && s.limit != null && !forest.hasRoom()) {
      return false; // told already; a million directories beyond the limit must not cost calls
    }
    boolean mayBeLeaf = known == NONE && mode.isQuiet && linkCounts.tell();
    int handle = mayBeLeaf ? handle(name, length) : NO_HANDLE;
    try {
      return directory(s, name, length, known, handle);
    } finally {
      if (handle >= 0) {
        Kernel.close(handle);
      }
    }
  }

  /** What is watched and asked by it is one directory, whatever has its name meanwhile. */
  private int handle(byte[] name, int length) {
    return kernel.opener.openChild(open.handle(), name, 0, length, Access.HANDLE_NOFOLLOW);
  }

  private boolean directory(Subscription s, byte[] name, int length, int known, int handle) {
    int mask = s.directoryMask(false);
    int wd =
        handle >= 0
            ? kernel.watch(handle, mask)
            : kernel.watchChild(open.handle(), name, 0, length, mask);
    if (wd < 0) {
      growth.refused(s, current, name, length, -wd);
      return false;
    }
    if (known != NONE && wd == places.wd(known)) {
      places.flag(known, SEEN, true);
      if (mode.goesBelow) {
        add(known, mode);
      }
      return false;
    }
    if (mode == Mode.REMOUNT && known != NONE) {
      FilePath path = forest.path(current).resolve(FilePath.ofBytes(name, 0, length));
      if (s.unmounts.isToTell(path)) {
        reporter.lost(s, path, LossReason.UNMOUNTED, "another file system is mounted at " + path);
      }
    }
    boolean isLeaf = handle >= 0 && linkCounts.isLeaf(handle, kernel.status);
    Mode next = !mode.isQuiet ? Mode.NEWS : isLeaf ? Mode.NONE : Mode.QUIET;
    growth.found(current, name, length, wd, next);
    if (mode.goesBelow && current != NONE) {
      compareBelow(places.child(current, name, 0, length));
    }
    return !mode.isQuiet;
  }

  /** What was moved here is not news, but may have changed as everything else. */
  private void compareBelow(int place) {
    if (place != NONE && !places.has(place, PlaceTable.QUEUED)) {
      add(place, mode);
    }
  }

  private void tell(Subscription s, FilePath name, boolean isDirectory) {
    if (told.firstByListing(current, name)) {
      int mask = s.syntheticKind() | (isDirectory ? Mask.ISDIR : 0);
      reporter.change(s, forest.path(current), name, mask, 0, true);
    }
  }

  /** Tells of children that a comparison did not find. */
  private void sweep() {
    if (mode == Mode.QUIET || mode == Mode.NEWS) {
      return;
    }
    int child = places.firstChild(current);
    while (child != NONE) {
      int next = places.nextSibling(child);
      if (!places.has(child, SEEN)) {
        growth.vanished(child);
      }
      child = next;
    }
  }

  private void finish() {
    int place = current;
    current = NONE;
    boolean childrenWait = !stack.isEmpty() && places.parent(stack.get(stack.size() - 2)) == place;
    if (childrenWait && ancestors.size() < OPEN_AT_MOST) {
      ancestors.addLast(open);
    } else {
      close(open);
    }
  }

  private OwnListings.Listing listing(int place) {
    int parentWd = -1;
    int nameHash = 0;
    Subscription s = forest.subscriptionOf(place);
    int named = places.parent(place);
    if (named != NONE) {
      byte[] name = new byte[places.nameLength(place)];
      places.copyName(place, name, 0);
      nameHash = NameArena.hash(name, 0, name.length);
      parentWd = places.wd(named);
    } else if (!s.anchors.isEmpty()) {
      int anchor = s.anchors.peek();
      byte[] name = new byte[places.nameLength(anchor)];
      places.copyName(anchor, name, 0);
      nameHash = NameArena.hash(name, 0, name.length);
      parentWd = places.wd(anchor);
    }
    return new OwnListings.Listing(places.wd(place), parentWd, nameHash);
  }

  private void raised(Open directory, int bit) {
    if (directory.listing != null) {
      ownListings.raised(directory.listing, bit);
    }
  }

  private void close(Open directory) {
    directory.files.close();
    raised(directory, Mask.CLOSE_NOWRITE);
  }

  private void closeAncestors() {
    while (!ancestors.isEmpty()) {
      close(ancestors.removeLast());
    }
  }

  void close() {
    closeAncestors();
    if (current != NONE) {
      close(open);
      current = NONE;
    }
    stack.clear();
  }
}

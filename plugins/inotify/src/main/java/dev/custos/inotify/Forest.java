package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.ANCHOR;
import static dev.custos.inotify.PlaceTable.DETACHED;
import static dev.custos.inotify.PlaceTable.NONE;
import static dev.custos.inotify.PlaceTable.ROOT;

import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** All trees of an instance: which inode is which place of which subscription. */
final class Forest {
  private static final byte[] SLASH = {'/'};

  final PlaceTable places = new PlaceTable();
  private final Kernel kernel;
  private final Budget.Share budget;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final PathCache paths = new PathCache();
  private int watched;
  private IntConsumer onRelease = place -> {};

  // The directory that was opened last, for the further names that one read tells of it. Closed at
  // the end of each turn: an open descriptor makes umount fail.
  private int openPlace = NONE;
  private int openDirectory;

  Forest(Kernel kernel, Budget.Share budget) {
    this.kernel = kernel;
    this.budget = budget;
  }

  /** Has {@code listener} hear of each place just before it is forgotten. */
  void onRelease(IntConsumer listener) {
    onRelease = listener;
  }

  // --- subscriptions

  Subscription subscribe(IntFunction<Subscription> make) {
    int id = subscriptions.indexOf(null);
    if (id < 0) {
      id = subscriptions.size();
      subscriptions.add(null);
    }
    Subscription s = make.apply(id);
    subscriptions.set(id, s);
    return s;
  }

  void unsubscribe(Subscription s) {
    if (s.root != NONE) {
      release(s.root);
    }
    dropAnchors(s.anchors);
    if (s.followed != null) {
      s.followed.close();
    }
    subscriptions.set(s.id, null);
  }

  Subscription subscriptionOf(int place) {
    return subscriptions.get(places.subscription(place));
  }

  Iterable<Subscription> subscriptions() {
    return () -> subscriptions.stream().filter(s -> s != null).iterator();
  }

  /** How many inodes are watched for what they report; anchors do not count. */
  int watched() {
    return watched;
  }

  // --- places and watch descriptors

  /** A place at the top of a subscription's tree. */
  int addRoot(Subscription s, int wd) {
    int place = places.create(s.id, ROOT);
    bind(place, wd);
    s.root = place;
    s.limit = null;
    s.unreadable = 0;
    s.size++;
    return place;
  }

  int addAnchor(Subscription s, int wd, byte[] awaited) {
    int place = places.create(s.id, ANCHOR);
    places.link(place, NONE, awaited, 0, awaited.length);
    bind(place, wd);
    return place;
  }

  void dropAnchors(IntStack anchors) {
    for (int i = 0; i < anchors.size(); i++) {
      unbind(anchors.get(i), true);
      places.free(anchors.get(i));
    }
    anchors.clear();
  }

  /** The kernel has dropped an anchor's watch by itself. */
  void anchorIsDead(int place) {
    unbind(place, false);
  }

  int addChild(Subscription s, int parent, byte[] name, int offset, int length, int wd) {
    int place = places.create(s.id, 0);
    places.link(place, parent, name, offset, length);
    bind(place, wd);
    s.size++;
    return place;
  }

  private void bind(int place, int wd) {
    boolean reports = !places.has(place, ANCHOR);
    if (places.firstOf(wd) == NONE) {
      budget.took();
    }
    if (reports && !hasReporting(wd)) {
      watched++;
    }
    places.bind(place, wd);
  }

  /** Takes the place off its watch, and the watch out of the kernel if it was the last. */
  private void unbind(int place, boolean kernelHasIt) {
    if (!places.isBound(place)) {
      return;
    }
    int wd = places.wd(place);
    places.unbind(place);
    if (!places.has(place, ANCHOR) && !hasReporting(wd)) {
      watched--;
    }
    if (places.firstOf(wd) == NONE) {
      budget.gave();
      if (kernelHasIt) {
        kernel.inotify.remove(wd);
      }
    }
  }

  private boolean hasReporting(int wd) {
    for (int p = places.firstOf(wd); p != NONE; p = places.nextOf(p)) {
      if (!places.has(p, ANCHOR)) {
        return true;
      }
    }
    return false;
  }

  /** Lets go of a watch that a call made on something that turned out not to be wanted. */
  void discardIfUnused(int wd) {
    if (wd >= 0 && places.firstOf(wd) == NONE) {
      kernel.inotify.remove(wd);
    }
  }

  /** Forgets a place and all below it. */
  void release(int top) {
    releaseTree(top);
  }

  /** Forgets a place and all below it, whose own watch the kernel has dropped by itself. */
  void releaseDead(int top) {
    unbind(top, false);
    releaseTree(top);
  }

  private void releaseTree(int top) {
    Subscription s = subscriptionOf(top);
    int place = top;
    while (true) {
      int child = places.firstChild(place);
      if (child != NONE) {
        place = child;
        continue;
      }
      int parent = places.parent(place);
      onRelease.accept(place);
      places.unlink(place);
      unbind(place, true);
      paths.forget(place);
      if (place == openPlace) {
        closeDirectory();
      }
      places.free(place);
      s.size--;
      if (place == top) {
        break;
      }
      place = parent;
    }
    if (s.root == top) {
      s.root = NONE;
    }
  }

  /** The place of this watch in a subscription's tree, or NONE. */
  int placeOf(int wd, Subscription s) {
    for (int p = places.firstOf(wd); p != NONE; p = places.nextOf(p)) {
      if (isInTree(p, s)) {
        return p;
      }
    }
    return NONE;
  }

  /** Whether a place is in a subscription's tree. */
  boolean isInTree(int place, Subscription s) {
    return places.subscription(place) == s.id && !places.has(place, ANCHOR);
  }

  // --- moving

  /** Takes a tree from its place, because it was moved; nobody knows where to, yet. */
  void detach(int place) {
    places.unlink(place);
    places.flag(place, DETACHED, true);
    forgetPaths();
  }

  /** Puts a tree below another directory, or under another name. */
  void attach(int place, int parent, byte[] name, int offset, int length) {
    places.unlink(place);
    places.link(place, parent, name, offset, length);
    places.flag(place, DETACHED, false);
    forgetPaths();
  }

  // --- paths

  FilePath path(int place) {
    FilePath path = paths.get(place);
    if (path == null) {
      Subscription s = subscriptionOf(place);
      path = places.has(place, ROOT) ? s.path() : FilePath.ofBytes(pathBytes(place));
      paths.put(place, path);
    }
    return path;
  }

  byte[] pathBytes(int place) {
    return places.path(place, subscriptionOf(place).pathBytes());
  }

  void forgetPaths() {
    paths.forgetAll();
  }

  // --- looking at what is there

  /**
   * Opens the directory that a place stands for, and makes sure that it is that one: the path may
   * by now lead to another, because the queue has not told of the change yet.
   *
   * @return its descriptor, good until the end of the turn, or -1
   */
  int open(int place) {
    if (place == openPlace) {
      return openDirectory;
    }
    closeDirectory();
    Subscription s = subscriptionOf(place);
    int fd = kernel.opener.tryOpenInRoot(s.target().rootFd(), pathBytes(place), Access.HANDLE);
    if (fd < 0) {
      return -1;
    }
    if (!isAt(place, fd)) {
      Kernel.close(fd);
      return -1;
    }
    openPlace = place;
    openDirectory = fd;
    return fd;
  }

  /** Whether an open directory is the one that a place stands for. */
  boolean isAt(int place, int fd) {
    Subscription s = subscriptionOf(place);
    int wd = kernel.watch(fd, s.directoryMask(places.has(place, ROOT)));
    if (wd == places.wd(place)) {
      return true;
    }
    discardIfUnused(wd);
    return false;
  }

  /** Whether a place's directory is still found under its name in its parent. */
  boolean isWhereItWas(int place) {
    int parent = places.parent(place);
    if (parent == NONE) {
      return places.has(place, ROOT);
    }
    int fd = open(parent);
    if (fd < 0) {
      return false;
    }
    byte[] name = new byte[places.nameLength(place)];
    places.copyName(place, name, 0);
    int mask = subscriptionOf(place).directoryMask(false);
    int wd = kernel.watchChild(fd, name, 0, name.length, mask);
    discardIfUnused(wd);
    return wd == places.wd(place);
  }

  void closeDirectory() {
    if (openPlace != NONE) {
      Kernel.close(openDirectory);
      openPlace = NONE;
    }
  }

  /** Whether a subscription leaves out what has this name in a place. */
  boolean ignores(Subscription s, int parent, byte[] name, int offset, int length) {
    if (s.ignore.isEmpty()) {
      return false;
    }
    if (s.ignore.matchesName(name, offset, length)) {
      return true;
    }
    if (!s.ignore.hasPaths()) {
      return false;
    }
    byte[] directory = places.path(parent, SLASH);
    int start = directory.length == 1 ? 1 : directory.length + 1;
    byte[] path = Arrays.copyOf(directory, start + length);
    path[start - 1] = '/';
    System.arraycopy(name, offset, path, start, length);
    return s.ignore.matchesPath(path, 1, path.length - 1);
  }

  /** Whether a recursive watch reaches the directories in a place. */
  boolean reachesBelow(Subscription s, int parent) {
    return s.watch.recursive()
        && (s.watch.maxDepth() == 0 || places.depth(parent) < s.watch.maxDepth());
  }

  /** Whether another inode may be watched. */
  boolean hasRoom() {
    return budget.hasRoom();
  }

  String noRoomReason() {
    return budget.reason();
  }

  void close() {
    closeDirectory();
    for (Subscription s : subscriptions()) {
      if (s.followed != null) {
        s.followed.close();
      }
    }
    budget.close();
  }
}

package dev.custos.inotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.spi.IgnoreRules;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.watch.Watch;
import java.util.ArrayList;
import java.util.List;

/** One watch of one target's plan, and how far it has come. Belongs to its instance's thread. */
final class Subscription {
  private static final int ROOT_ITSELF = Mask.DELETE_SELF | Mask.MOVE_SELF;

  final int id;
  final Watch watch;

  /** The kinds that are published, as bits. */
  final int reported;

  final IgnoreRules ignore;

  /** The anchors in place, one for each component of the path that could be looked at. */
  IntStack anchors = new IntStack();

  int root = PlaceTable.NONE;

  boolean rootIsDirectory;

  /** Its path has to be looked at. */
  boolean dirty = true;

  /** It has been looked at once: what appears from now on is news. */
  boolean attached;

  /** What is known of it changed since its state was told. */
  boolean stateChanged = true;

  /** Symbolic links lead to it. */
  boolean throughLinks;

  /** Mounts changed on the way to it: what is found at its path now was not made just now. */
  boolean remounted;

  /** The kernel told that a file system in it was unmounted, and is dropping the watches. */
  boolean unmounted;

  /** Where that was. */
  final Unmounts unmounts = new Unmounts();

  /** Places in its tree. */
  int size;

  /** Directories that could not be read, and why the first could not. */
  int unreadable;

  String unreadableReason = "";

  /** Why part of the tree is not watched, or null. */
  String limit;

  /** The loss that the limit means was told; trying again in vain is no further loss. */
  boolean limitTold;

  /** Why the path itself is not watched, or null. */
  PathState obstacle;

  /** Keeps a moved subject within reach; only with followMove. */
  FileDescriptor followed;

  /** How much of the queue had been written when its path was last looked at. */
  long lookedAt;

  /** Its path ceased to lead to its root, as the queue has it. */
  private int departure;

  private List<Moves.Held> held = List.of();

  private Target target;
  private FilePath path;
  private byte[] pathBytes;
  private FileChanged.Builder builder;
  private PathState state;

  Subscription(int id, Target target, Watch watch) {
    this.id = id;
    this.watch = watch;
    this.reported = Mask.of(watch.kinds());
    this.ignore = new IgnoreRules(watch.ignore(), watch.path());
    this.state = PathState.pending(watch.subject(), watch.path(), "not looked at yet");
    path(watch.path());
    target(target);
  }

  Target target() {
    return target;
  }

  /** The same target with other facts, a pod's labels for one. */
  void target(Target target) {
    this.target = target;
    this.builder = FileChanged.builder(watch.subject(), target.origin());
  }

  FileChanged.Builder builder() {
    return builder;
  }

  /** Where the subject is now: the watch's own path, but for a subject that was moved. */
  FilePath path() {
    return path;
  }

  byte[] pathBytes() {
    return pathBytes;
  }

  void path(FilePath path) {
    byte[] bytes = path.toByteArray();
    int length = bytes.length;
    while (length > 1 && bytes[length - 1] == '/') {
      length--;
    }
    this.path = length == bytes.length ? path : FilePath.ofBytes(bytes, 0, length);
    this.pathBytes = this.path.toByteArray();
  }

  /**
   * The queue tells that a name on the way to the root was taken away or given to something else.
   * What the root tells after that may have come by another path, a hard link for one, and waits
   * until the path was looked at again.
   */
  void departs(int mask) {
    if (departure == 0) {
      departure = mask & (Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO);
    }
  }

  /** Whether an event has to wait; the one in which the root itself tells of its end has not. */
  boolean holds(int mask, boolean isRoots) {
    int end = (departure & Mask.MOVED_FROM) != 0 ? Mask.MOVE_SELF : Mask.DELETE_SELF;
    return departure != 0 && !(isRoots && (mask & end) != 0);
  }

  void hold(Moves.Held event) {
    if (held.isEmpty()) {
      held = new ArrayList<>();
    }
    held.add(event);
  }

  /** All that waited, once; nothing has to wait any more. */
  List<Moves.Held> letGo() {
    departure = 0;
    List<Moves.Held> taken = held;
    held = List.of();
    return taken;
  }

  int directoryMask(boolean isRoot) {
    return reported
        | (watch.recursive() ? Mask.STRUCTURE : 0)
        | (isRoot ? ROOT_ITSELF : 0)
        | Mask.MASK_ADD
        | Mask.ONLYDIR;
  }

  int rootMask() {
    return rootIsDirectory ? directoryMask(true) : reported | ROOT_ITSELF | Mask.MASK_ADD;
  }

  /** The kind that tells of something found by looking: CREATE, or the first that was asked for. */
  int syntheticKind() {
    return (reported & Mask.CREATE) != 0 ? Mask.CREATE : Integer.lowestOneBit(reported);
  }

  PathState state() {
    return state;
  }

  /** Takes a new state; returns whether it differs from the old one. */
  boolean become(PathState.State newState, String reason) {
    PathState next = new PathState(watch.subject(), watch.path(), newState, reason);
    boolean changed = !next.equals(state);
    state = next;
    return changed;
  }
}

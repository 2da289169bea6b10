package dev.custos.fanotify;

import dev.custos.linux.FileStatus;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Where objects were proven to be, for as long as they can't be anywhere else, so that not each
 * question pays for a proof. One thread's own; makes no object but its slots, which are bounded.
 *
 * <p>A place is what is in the directory, under one name. It can change in one way alone, which is
 * a rename or a new link, and on the file systems here both set the object's time of change
 * (ctime), which no process can set to a value of its own. So the same object is where it was if
 *
 * <ul>
 *   <li>it has one name only: one link, or it is a directory;
 *   <li>it was reached in that directory and through the directory's mount, not as the root of a
 *       mount of its own, which can be moved;
 *   <li>its time of change is the same, and was so long past at the proof that no change since can
 *       have got the same one from a clock that is coarse. An object that took over the inode
 *       number is younger, too;
 *   <li>the clock has not been set back meanwhile;
 *   <li>and it is shown under the same path, through the same mount, as when the path was proven.
 * </ul>
 *
 * <p>All of it belongs to one table: another plan, and every new look at the target after a change
 * in it, brings another table.
 */
final class ProvenPlaces {
  private static final int SLOTS = 512;

  /** Longer paths are proven each time. */
  private static final int LONGEST = 255;

  // The kernel's clock ticks at least 100 times a second. Times without a fraction are those of a
  // file system that keeps whole seconds.
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COARSE_NANOS = 3 * SECOND_NANOS;

  private static final long EXT = 0xef53L;
  private static final long XFS = 0x58465342L;
  private static final long BTRFS = 0x9123683eL;
  private static final long TMPFS = 0x01021994L;
  private static final long OVERLAY = 0x794c7630L;

  private final Place[] slots = new Place[SLOTS];
  private final SuperBlock fileSystem = new SuperBlock();
  private RuleTable table;
  private long latest;

  /** What was proven. */
  static final class Place {
    private long device;
    private long inode;
    private long mount;
    private long changed;
    private byte[] path = {};
    private int pathLength = -1;
    private ObjectRules object;
    private ObjectRules parent;
    private long superBlock;

    /** The object's own rules, or null. */
    ObjectRules object() {
      return object;
    }

    /** The rules of the directory that it is in, or null. */
    ObjectRules parent() {
      return parent;
    }

    long superBlock() {
      return superBlock;
    }

    private boolean is(FileStatus status, EventPath seen) {
      return inode == status.inode()
          && device == status.device()
          && mount == status.mountId()
          && changed == status.changeNanos()
          && pathLength == seen.length()
          && Arrays.equals(
              path, 0, pathLength, seen.bytes(), seen.start(), seen.start() + pathLength);
    }
  }

  /** Returns where the object with this status is, or null if that has to be proven. */
  Place find(RuleTable rules, FileStatus status, EventPath path) {
    long now = System.currentTimeMillis();
    if (rules != table || now < latest) {
      Arrays.fill(slots, null);
      table = rules;
    }
    latest = now;
    Place place = slots[slot(status)];
    return place != null && isSettled(status) && place.is(status, path) ? place : null;
  }

  /** Whether the place of an object, of which {@link #find} did not know, can be noted at all. */
  boolean canAdd(FileStatus status, EventPath path) {
    long age = TimeUnit.MILLISECONDS.toNanos(latest) - status.changeNanos();
    boolean coarse = status.changeNanos() % SECOND_NANOS == 0;
    return age >= (coarse ? COARSE_NANOS : TICK_NANOS)
        && path.length() <= LONGEST
        && isSettled(status);
  }

  private static int slot(FileStatus status) {
    long mixed = (status.inode() ^ status.device()) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) & (SLOTS - 1);
  }

  /** Whether it has no more than one name, and was reached by it. */
  private static boolean isSettled(FileStatus status) {
    return (status.links() == 1 || status.isDirectory())
        && status.mountId() != 0
        && !status.mayBeMountRoot();
  }

  /**
   * Notes what was proven, if it will last.
   *
   * @param fd has the object open
   * @param status of an object that can be added, with the same time of change before the proof and
   *     after it
   */
  void add(
      int fd,
      FileStatus status,
      EventPath path,
      ObjectRules object,
      ObjectRules parent,
      long superBlock) {
    if (!changesTimeOnRename(fileSystem.magic(fd))) {
      return;
    }
    int slot = slot(status);
    Place place = slots[slot];
    if (place == null) {
      place = new Place();
      slots[slot] = place;
    }
    place.device = status.device();
    place.inode = status.inode();
    place.mount = status.mountId();
    place.changed = status.changeNanos();
    if (place.path.length < path.length()) {
      place.path = new byte[path.length()];
    }
    System.arraycopy(path.bytes(), path.start(), place.path, 0, path.length());
    place.pathLength = path.length();
    place.object = object;
    place.parent = parent;
    place.superBlock = superBlock;
  }

  private static boolean changesTimeOnRename(long magic) {
    return magic == EXT || magic == XFS || magic == BTRFS || magic == TMPFS || magic == OVERLAY;
  }
}

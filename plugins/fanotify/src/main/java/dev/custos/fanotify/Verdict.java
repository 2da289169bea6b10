package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.Target;
import dev.custos.spi.event.PermissionKind;
import java.util.List;

/**
 * Decides one access at a time by a table: the reader's own, used again and again, and it makes no
 * object but what {@link ChildRules} keeps.
 *
 * <p>An event comes because its object is marked, or its object's directory, or its file system.
 * The object is told by its identity, generation and all. The directory is found by the path that
 * the event's descriptor shows, and that path is the asker's: in a mount namespace of its own a
 * process can make it whatever it likes. That never helps it where a rule denies. Where the answer
 * would be to allow although the table denies something, the path has to lead to the same object
 * below the target's root, and the directory on the way there is told by its identity too. If the
 * path leads elsewhere, the strictest rule of the table holds.
 */
final class Verdict {
  private static final int INIT = 1;
  private static final byte[] SLASH = {'/'};
  // A rename beside us makes a path untrue between reading it and following it.
  private static final int TRIES = 4;

  private final int self = (int) ProcessHandle.current().pid();
  private final Owner owner;
  private final OwnListings listings;
  private final AskingProcess process;
  private final EventPath path;
  private final CachedLookup lookup;
  private final ObjectReader objects = new ObjectReader();
  private final SuperBlock superBlock = new SuperBlock();
  private final RuleTable.Probe probe = new RuleTable.Probe();
  private final ProvenPlaces places = new ProvenPlaces();

  private long device;
  private long inode;
  private long mount;
  private long changed;
  private boolean unlinked;
  private boolean directory;
  private ObjectRules parent;
  private boolean throughItsMount;

  private Ruling first;
  private Ruling second;
  private Asker asker = Asker.OTHER;
  private long matching;
  private boolean denied;
  private boolean wouldDeny;
  private RuleTable rules;
  private boolean unheard;

  Verdict(Target target, Owner owner, OwnListings listings) throws NativeException {
    this.owner = owner;
    this.listings = listings;
    this.process = new AskingProcess(target, owner.users());
    this.path = EventPath.below(target.rootFd());
    this.lookup = new CachedLookup(target.rootFd());
  }

  /** Decides about the object that {@code fd} has open. */
  void decide(RuleTable table, PermissionKind kind, int fd, int pid) {
    rules = table;
    process.turnTo(pid);
    asker = pid == INIT || pid == self ? Asker.PROTECTED : Asker.OTHER;
    // To tell of a read of our own may take another, as of a spool that is guarded.
    unheard = pid == self && kind == PermissionKind.ACCESS_PERM;
    if (!table.matters(kind)) {
      apply(null, null, pid);
      return;
    }
    boolean known = look(fd);
    path.read(fd, unlinked);
    boolean mayBeProven = known && asker == Asker.OTHER && table.denies(kind);
    ProvenPlaces.Place place = mayBeProven ? places.find(table, objects.status(), path) : null;
    if (place != null) {
      parent = place.parent();
      rule(place.object(), table.whole(kind, place.superBlock()), kind, pid);
      return;
    }
    unheard |= directory && pid == self && listings.has(device, inode);
    boolean lasts = mayBeProven && places.canAdd(objects.status(), path);
    decide(kind, fd, pid, lasts);
  }

  private void decide(PermissionKind kind, int fd, int pid, boolean lasts) {
    RuleTable table = rules;
    ObjectRules object = identified(table, fd);
    long block = table.hasWholes() ? superBlock.of(fd, device) : 0;
    boolean known = table.hasWhole(block) || object != null;
    Ruling whole = table.whole(kind, block);
    parent = parentByPath(table);
    rule(object, whole, kind, pid);
    if (denied || asker == Asker.PROTECTED || !table.denies(kind)) {
      if (!known && parent == null) {
        applyStrictest(kind, pid);
      }
      return;
    }
    boolean proven = prove(table, fd);
    rule(object, whole, kind, pid);
    if (!proven || (!known && parent == null)) {
      if (!denied) {
        applyStrictest(kind, pid);
      }
    } else if (lasts && throughItsMount && parent == parentByPath(table)) {
      // If it was changed since it was looked at, it may have been proven in another place.
      long before = changed;
      if (look(fd) && changed == before) {
        places.add(fd, objects.status(), path, object, parent, block);
      }
    }
  }

  private boolean look(int fd) {
    boolean known = objects.look(fd) == 0;
    device = known ? objects.status().device() : -1;
    inode = known ? objects.status().inode() : -1;
    mount = known ? objects.status().mountId() : 0;
    changed = known ? objects.status().changeNanos() : 0;
    unlinked = known && objects.status().links() == 0;
    directory = known && objects.status().isDirectory();
    return known;
  }

  /** The rules of the object that was looked at last, told from one that had its number before. */
  private ObjectRules identified(RuleTable table, int fd) {
    ObjectRules found =
        table.byInode(probe.inode(objects.status().device(), objects.status().inode()));
    return found != null && objects.is(found.id(), fd) ? found : null;
  }

  private ObjectRules parentByPath(RuleTable table) {
    int length = path.parentLength();
    return length < 0 ? null : table.byPath(probe.path(path.bytes(), path.start(), length));
  }

  /**
   * Follows the path of the event below the target's root.
   *
   * @return whether it leads to the object; then {@link #parent} is the directory it is really in,
   *     and {@link #throughItsMount} says whether it is so in the mount that it was reached through
   */
  private boolean prove(RuleTable table, int fd) {
    throughItsMount = false;
    for (int i = 0; i < TRIES; i++) {
      int length = path.parentLength();
      if (length < 0) {
        return leadsToTheSame();
      }
      int dir = lookup.open(path.bytes(), path.start(), length);
      if (dir >= 0) {
        boolean same = leadsToTheSame(dir);
        if (same) {
          boolean seen = objects.look(dir) == 0;
          throughItsMount = seen && objects.status().mountId() == mount;
          parent = seen ? identified(table, dir) : null;
        }
        FanotifyLibrary.CALLS.close(dir);
        if (same) {
          return true;
        }
      }
      int before = path.hash();
      look(fd);
      if (!path.read(fd, unlinked) || path.hash() == before) {
        return false;
      }
      parent = parentByPath(table);
    }
    return false;
  }

  private boolean leadsToTheSame(int dir) {
    if (unlinked) {
      // Nothing leads to it any more. But a mount belongs to one namespace only: if the object was
      // reached through the one that is there for the target, then under the name shown.
      return mount != 0 && objects.look(dir) == 0 && objects.status().mountId() == mount;
    }
    int at = path.start() + path.parentLength() + 1;
    return isSame(lookup.open(dir, path.bytes(), at, path.start() + path.length() - at));
  }

  private boolean leadsToTheSame() {
    return path.hasPath() && isSame(lookup.open(path.bytes(), path.start(), path.length()));
  }

  /** Whether a descriptor, which is closed here, has the object open. */
  private boolean isSame(int fd) {
    if (fd < 0) {
      return false;
    }
    // Both are open now, so that one number can't stand for two.
    boolean same =
        objects.look(fd) == 0
            && objects.status().inode() == inode
            && objects.status().device() == device;
    FanotifyLibrary.CALLS.close(fd);
    return same;
  }

  private void rule(ObjectRules object, Ruling whole, PermissionKind kind, int pid) {
    Ruling own = object == null ? null : object.ruling(kind);
    if (own == null) {
      own = whole;
    }
    Ruling directorys = parent == null ? null : childRuling(kind);
    if (own == null) {
      apply(directorys, null, pid);
    } else {
      apply(own, directorys, pid);
    }
  }

  private Ruling childRuling(PermissionKind kind) {
    int at = path.parentLength() + 1;
    return parent.childRuling(kind, path.bytes(), path.start() + at, path.length() - at, probe);
  }

  /** By the strictest of all rules that are about whoever asks. */
  private void applyStrictest(PermissionKind kind, int pid) {
    List<Ruling> strictest = rules.strictest(kind);
    int count = strictest == null ? 0 : strictest.size();
    for (int i = 0; i < count; i++) {
      apply(strictest.get(i), null, pid);
      if (strictest.get(i).concerns(matching)) {
        return;
      }
    }
    apply(null, null, pid);
  }

  private void apply(Ruling one, Ruling other, int pid) {
    first = one;
    second = other;
    long needed = (one == null ? 0 : one.narrowings()) | (other == null ? 0 : other.narrowings());
    matching = needed == 0 ? 0 : process.matching(rules.narrowings(), needed);
    denied = isDenied(one) || isDenied(other);
    wouldDeny = isWouldDeny(one) || isWouldDeny(other);
    if (asker != Asker.OTHER || !(denied || wouldDeny)) {
      return;
    }
    boolean ownerMatters =
        (one != null && one.dependsOnOwner()) || (other != null && other.dependsOnOwner());
    if (process.isProtected()) {
      asker = Asker.PROTECTED;
    } else if (ownerMatters && owner.owns(pid)) {
      asker = Asker.OWNER;
    }
    denied = isDenied(one) || isDenied(other);
  }

  private boolean isDenied(Ruling ruling) {
    return ruling != null && ruling.denies(asker, matching);
  }

  private boolean isWouldDeny(Ruling ruling) {
    return ruling != null && ruling.wouldDeny(matching);
  }

  boolean isDenied() {
    return denied;
  }

  /** Whether a guard wants the answer in the audit log. */
  boolean isAudited() {
    return (first != null && first.isAudited(matching))
        || (second != null && second.isAudited(matching));
  }

  /** Whether any subject is to be told. */
  boolean isRecorded() {
    if (unheard) {
      return false;
    }
    return denied
        || (first != null && first.recordsAllowed(matching))
        || (second != null && second.recordsAllowed(matching));
  }

  /**
   * Whether a record tells all about the asker. To find that out takes microseconds, which an
   * access that is allowed does not wait for, unless they were taken already or it is an execution,
   * after which the process is no more what it was.
   */
  boolean isAboutProcess(PermissionKind kind) {
    return denied || wouldDeny || process.isSeen() || kind == PermissionKind.OPEN_EXEC_PERM;
  }

  /** What can be seen of the asker; only before the answer is given. */
  void describe(ProcessNote note) {
    process.describe(note);
  }

  /** Notes what was decided. Only after {@link #isRecorded}. */
  void describe(Decision decision) {
    decision.first = first;
    decision.second = second;
    decision.asker = asker;
    decision.matching = matching;
    decision.directory = directory;
    boolean root = path.hasPath() && path.length() == 0;
    if (root) {
      decision.path(SLASH, 0, 1);
    } else {
      decision.path(path.bytes(), path.start(), path.length());
    }
  }
}

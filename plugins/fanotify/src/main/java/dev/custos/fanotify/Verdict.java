package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.Target;
import dev.custos.spi.event.PermissionKind;

/**
 * Decides one access at a time by a table: the reader's own, used again and again, and it makes no
 * object.
 *
 * <p>An event comes because its object is marked or because its object's directory is. The object
 * is told by its identity. The directory is found by the path that the event's descriptor shows,
 * and that path is the asker's: in a mount namespace of its own a process can make it whatever it
 * likes. That never helps it where a rule denies. Where the answer would be to allow although the
 * table denies something, the path has to lead to the same object below the target's root, and if
 * it does not, the strictest rule of the table holds.
 */
final class Verdict {
  private static final int INIT = 1;
  private static final byte[] SLASH = {'/'};

  private final int self = (int) ProcessHandle.current().pid();
  private final Owner owner;
  private final EventPath path;
  private final CachedLookup lookup;
  private final ObjectReader objects = new ObjectReader();
  private final RuleTable.Probe probe = new RuleTable.Probe();

  private long device;
  private long inode;
  private boolean unlinked;
  private boolean directory;

  private Ruling first;
  private Ruling second;
  private Asker asker = Asker.OTHER;
  private boolean denied;

  Verdict(Target target, Owner owner) throws NativeException {
    this.owner = owner;
    this.path = EventPath.below(target.rootFd());
    this.lookup = new CachedLookup(target.rootFd());
  }

  /** Decides about the object that {@code fd} has open. */
  void decide(RuleTable table, PermissionKind kind, int fd, int pid) {
    look(fd);
    path.read(fd, unlinked);
    asker = pid == INIT || pid == self ? Asker.PROTECTED : Asker.OTHER;
    ObjectRules object = table.byInode(probe.inode(device, inode));
    ObjectRules parent = parentByPath(table);
    if (object != null && parent != null && !objects.is(object.id(), fd)) {
      // The number of a marked object that is gone; this one was asked about for its directory.
      object = null;
    }
    rule(object, parent, kind, pid);
    if (denied || asker == Asker.PROTECTED || !table.denies(kind)) {
      if (object == null && parent == null) {
        apply(table.strictest(kind), null, pid);
      }
      return;
    }
    boolean proven = unlinked || leadsToTheSame();
    if (parent == null) {
      parent = parentByIdentity(table);
      rule(object, parent, kind, pid);
    }
    if (!denied && (!proven || (object == null && parent == null))) {
      apply(table.strictest(kind), null, pid);
    }
  }

  private void look(int fd) {
    boolean known = objects.look(fd) == 0;
    device = known ? objects.status().device() : -1;
    inode = known ? objects.status().inode() : -1;
    unlinked = known && objects.status().links() == 0;
    directory = known && objects.status().isDirectory();
  }

  private ObjectRules parentByPath(RuleTable table) {
    int length = path.parentLength();
    return length < 0 ? null : table.byPath(probe.path(path.bytes(), path.start(), length));
  }

  /** Finds a directory that is not where it was when it was marked, or is there twice. */
  private ObjectRules parentByIdentity(RuleTable table) {
    int length = path.parentLength();
    int fd = length < 0 ? -1 : lookup.open(path.bytes(), path.start(), length);
    if (fd < 0) {
      return null;
    }
    ObjectRules found = null;
    if (objects.look(fd) == 0) {
      found = table.byInode(probe.inode(objects.status().device(), objects.status().inode()));
      if (found != null && !objects.is(found.id(), fd)) {
        found = null;
      }
    }
    FanotifyLibrary.CALLS.close(fd);
    return found;
  }

  private boolean leadsToTheSame() {
    int fd = path.hasPath() ? lookup.open(path.bytes(), path.start(), path.length()) : -1;
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

  private void rule(ObjectRules object, ObjectRules parent, PermissionKind kind, int pid) {
    Ruling own = object == null ? null : object.ruling(kind);
    Ruling directorys = parent == null ? null : parent.ruling(kind);
    if (own == null) {
      apply(directorys, null, pid);
    } else {
      apply(own, directorys, pid);
    }
  }

  private void apply(Ruling one, Ruling other, int pid) {
    first = one;
    second = other;
    boolean ownerMatters =
        (one != null && one.dependsOnOwner()) || (other != null && other.dependsOnOwner());
    if (asker == Asker.OTHER && ownerMatters && owner.owns(pid)) {
      asker = Asker.OWNER;
    }
    denied = (one != null && one.denies(asker)) || (other != null && other.denies(asker));
  }

  boolean isDenied() {
    return denied;
  }

  /** Whether a guard wants the answer in the audit log. */
  boolean isAudited() {
    return (first != null && first.isAudited()) || (second != null && second.isAudited());
  }

  /** Whether any subject is to be told. */
  boolean isRecorded() {
    return denied
        || (first != null && first.recordsAllowed())
        || (second != null && second.recordsAllowed());
  }

  /** Notes what was decided. Only after {@link #isRecorded}. */
  void describe(Decision decision) {
    decision.first = first;
    decision.second = second;
    decision.asker = asker;
    decision.directory = directory;
    boolean root = path.hasPath() && path.length() == 0;
    if (root) {
      decision.path(SLASH, 0, 1);
    } else {
      decision.path(path.bytes(), path.start(), path.length());
    }
  }
}

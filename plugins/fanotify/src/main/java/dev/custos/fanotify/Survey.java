package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.FileSystem;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.spi.guard.GuardPlan;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out what a plan's paths lead to, without marking anything: a row for each path, in the
 * plan's order and of each guard first those of its allow list, and the objects that can be marked.
 */
final class Survey {
  // statfs(2). An open for an event on one of these can wait in the kernel for a server that never
  // answers, and with it every open that the target's reader is asked about.
  private static final Map<Long, String> REFUSED =
      Map.ofEntries(
          Map.entry(0x65735546L, "FUSE"),
          Map.entry(0x6969L, "NFS"),
          Map.entry(0xff534d42L, "CIFS"),
          Map.entry(0xfe534d42L, "SMB"),
          Map.entry(0x517bL, "SMB"),
          Map.entry(0x01021997L, "9p"),
          Map.entry(0x00c36400L, "Ceph"),
          Map.entry(0x0187L, "autofs"));
  private static final long PROC = 0x9fa0L;

  private final PathOpener opener;
  private final ObjectReader objects;
  private final int rootFd;
  private final EventPath path;
  private final Map<ObjectId, Found> found = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();

  /** An object that some rules are about, and a path that led to it. */
  static final class Found {
    final ObjectId id;
    final boolean directory;
    final FilePath canonicalPath;
    final FilePath asked;
    final List<Rule> rules = new ArrayList<>();

    private Found(ObjectId id, boolean directory, FilePath canonicalPath, FilePath asked) {
      this.id = id;
      this.directory = directory;
      this.canonicalPath = canonicalPath;
      this.asked = asked;
    }

    Set<PermissionKind> kinds() {
      Set<PermissionKind> kinds = EnumSet.noneOf(PermissionKind.class);
      rules.forEach(rule -> kinds.addAll(rule.guard().kinds()));
      return kinds;
    }

    RuleTable.Entry entry() {
      return new RuleTable.Entry(new ObjectRules(id, directory, rules), canonicalPath);
    }
  }

  /**
   * A path of the plan.
   *
   * @param object what it leads to, or null if it can't be guarded
   * @param reason why not, or empty
   */
  record Row(Guard guard, FilePath path, ObjectId object, String reason) {
    PathState state(String failure, String note) {
      String why = object == null ? reason : failure;
      return why.isEmpty()
          ? new PathState(guard.subject(), path, PathState.State.ACTIVE, note)
          : PathState.failed(guard.subject(), path, why);
    }
  }

  Survey(GuardPlan plan, PathOpener opener, ObjectReader objects) {
    Target target = plan.target();
    this.opener = opener;
    this.objects = objects;
    this.rootFd = target.rootFd();
    this.path = EventPath.below(rootFd);
    for (Guard guard : plan.guards()) {
      String unsupported = unsupported(guard);
      guard.allow().forEach(p -> look(guard, false, p, unsupported));
      guard.deny().forEach(p -> look(guard, true, p, unsupported));
    }
  }

  List<Row> rows() {
    return rows;
  }

  Map<ObjectId, Found> found() {
    return found;
  }

  private static String unsupported(Guard guard) {
    if (guard.recursive()) {
      return "recursive guards are not supported yet: list the directories themselves";
    }
    if (guard.wholeMount()) {
      return "guards of a whole mount are not supported yet: list the directories themselves";
    }
    if (!guard.processes().equals(Processes.EVERYONE)) {
      return "guards of certain processes are not supported yet: leave out processes";
    }
    return guard.kinds().isEmpty() ? "none of its events can be guarded: name open or access" : "";
  }

  private void look(Guard guard, boolean deny, FilePath asked, String unsupported) {
    if (!unsupported.isEmpty()) {
      rows.add(new Row(guard, asked, null, unsupported));
      return;
    }
    try (FileDescriptor fd = opener.openInRoot(rootFd, asked.toByteArray(), Access.HANDLE)) {
      String refused = refused(guard, fd.number());
      ObjectId id = null;
      if (refused.isEmpty()) {
        Found object = find(fd.number(), asked);
        object.rules.add(new Rule(guard, deny, asked));
        id = object.id;
      }
      rows.add(new Row(guard, asked, id, refused));
    } catch (NativeException e) {
      String wayOut =
          e.errno() == Errno.ENOENT ? "; it is guarded once a plan is applied while it exists" : "";
      rows.add(new Row(guard, asked, null, e.getMessage() + wayOut));
    }
  }

  private String refused(Guard guard, int fd) {
    int errno = objects.look(fd);
    if (errno != 0) {
      return "statx: " + Errno.name(errno);
    }
    if (guard.onlyDir() && !objects.status().isDirectory()) {
      return "is not a directory, and the guard has onlyDir";
    }
    long magic = FileSystem.magic(fd);
    if (magic == 0) {
      return "its file system does not say what it is";
    }
    if (magic == PROC) {
      return "is on proc, which the guard itself reads";
    }
    String name = REFUSED.get(magic & 0xffffffffL);
    return name == null
        ? ""
        : "is on " + name + ", where a server that does not answer would hang every guarded access";
  }

  /** The object that was just looked at. */
  private Found find(int fd, FilePath asked) {
    boolean directory = objects.status().isDirectory();
    boolean unlinked = objects.status().links() == 0;
    ObjectId id = objects.id(fd);
    return found.computeIfAbsent(
        id,
        key -> {
          boolean known = path.read(fd, unlinked);
          FilePath canonical = known ? FilePath.ofBytes(path.copy()) : asked;
          return new Found(key, directory, canonical, asked);
        });
  }
}

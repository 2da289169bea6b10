package dev.custos.fanotify;

import dev.custos.fanotify.Mounts.Mount;
import dev.custos.linux.FileStatus;
import dev.custos.linux.FileSystem;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a target's objects may be guarded: not where an open can hang, and in a container not what
 * the host uses too. Made for one look at a target. Not thread-safe.
 */
final class Territory {
  private static final String UNKNOWN = "its mount is not in the target's mount table";

  private final Mounts own;
  private final Mounts hosts;
  private final GuardSettings settings;
  private final FileStatus status = new FileStatus();
  private final Map<Long, String> refusals = new HashMap<>();
  private final Map<Long, String> shares = new HashMap<>();
  private final long rootMount;
  private final boolean contained;

  /**
   * A target's.
   *
   * @param own the target's mounts
   * @param hosts those of the host's first process
   */
  Territory(int rootFd, Mounts own, Mounts hosts, GuardSettings settings) {
    this.own = own;
    this.hosts = hosts;
    this.settings = settings;
    this.rootMount = status.ofKnown(rootFd) == 0 ? status.mountId() : 0;
    // A mount belongs to one namespace only: a root that the host itself has is the host's.
    this.contained = rootMount != 0 && hosts.byId(rootMount) == null;
  }

  /** Whether two looks at a target saw the same mounts. */
  boolean sameMountsAs(Territory other) {
    return own.sameAs(other.own);
  }

  /**
   * Why nothing may be guarded or looked into where this descriptor is; empty if it may. Asks no
   * server: what is mounted there is told by the mount table.
   */
  String refusal(int fd) {
    long id = status.ofKnown(fd) == 0 ? status.mountId() : 0;
    String known = refusals.get(id);
    if (known != null && id != 0) {
      return known;
    }
    Mount mount = own.byId(id);
    String refusal =
        mount == null
            ? FileSystems.refusalByMagic(FileSystem.magic(fd))
            : FileSystems.refusalByType(mount.type());
    refusals.put(id, refusal);
    return refusal;
  }

  /** The mount that a descriptor came through, or 0. */
  long mountOf(int fd) {
    return status.ofKnown(fd) == 0 ? status.mountId() : 0;
  }

  /** Why a container's guard may not be about what this descriptor has open; empty if it may. */
  String sharing(int fd) {
    if (!contained || settings.allowHostPaths() || status.ofKnown(fd) != 0) {
      return "";
    }
    long device = status.device();
    return shares.computeIfAbsent(status.mountId(), id -> sharing(id, device));
  }

  private String sharing(long id, long device) {
    Mount mount = own.byId(id);
    if (mount == null) {
      return hosts.of(device).findAny().isPresent() ? UNKNOWN : "";
    }
    if (id == rootMount) {
      // A process that only unshared its mounts has the host's own tree for a root.
      boolean hosts = this.hosts.of(mount.device()).anyMatch(m -> isRootOf(m, mount));
      return hosts ? shared("/") : "";
    }
    return hosts
        .of(mount.device())
        .map(host -> pathOnHost(host, mount.root()))
        .flatMap(Optional::stream)
        .filter(path -> settings.volumeRoots().stream().noneMatch(root -> isWithin(path, root)))
        .findFirst()
        .map(Territory::shared)
        .orElse("");
  }

  private static boolean isRootOf(Mount host, Mount mount) {
    return host.point().equals("/") && host.root().equals(mount.root());
  }

  private static String shared(String path) {
    return "is the host's too, as "
        + path
        + ", so the host's own processes would be denied; set"
        + " custos.backends.fanotify.allow-host-paths if that is wanted";
  }

  /** Where the host sees a directory of a file system through one of its mounts. */
  static Optional<String> pathOnHost(Mount host, String root) {
    if (!isWithin(root, host.root())) {
      return Optional.empty();
    }
    String below = host.showsAll() ? root : root.substring(host.root().length());
    String point = host.point().equals("/") ? "" : host.point();
    String path = below.equals("/") ? point : point + below;
    return Optional.of(path.isEmpty() ? "/" : path);
  }

  static boolean isWithin(String path, String directory) {
    return directory.equals("/")
        || path.equals(directory)
        || (path.startsWith(directory) && path.charAt(directory.length()) == '/');
  }
}

package dev.custos.fanotify;

import dev.custos.fanotify.Mounts.Mount;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.FileStatus;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a whole file system is one target's alone. Only then can it be guarded: a mark on a mount
 * is escaped by whoever makes a mount namespace of its own, and one on a file system has the kernel
 * ask about everybody who uses it. Not thread-safe.
 */
final class WholeMounts {
  private static final Path PROC = Path.of("/proc");
  // What this process needs to go on: it would have to ask itself.
  private static final List<String> AGENTS =
      List.of(System.getProperty("java.home"), System.getProperty("custos.home", "/"), "/");

  private final FileStatus status = new FileStatus();
  private final int rootFd;
  private final Mounts own;
  private final Mounts hosts;
  private final GuardSettings settings;

  WholeMounts(int rootFd, Mounts own, Mounts hosts, GuardSettings settings) {
    this.rootFd = rootFd;
    this.own = own;
    this.hosts = hosts;
    this.settings = settings;
  }

  /**
   * Why the file system that this descriptor is on can't be guarded as a whole; empty if it can.
   */
  String notAlone(int fd) {
    Mount mount = status.ofKnown(fd) == 0 ? own.byId(status.mountId()) : null;
    Mount root = status.ofKnown(rootFd) == 0 ? own.byId(status.mountId()) : null;
    if (mount == null || root == null) {
      return "is on a mount that the target's mount table does not show";
    }
    if (!mount.showsAll()) {
      return "is on a mount that shows a part of its file system only, " + mount.root();
    }
    if (isAgents(mount)) {
      return "is on the file system that the agent itself runs from";
    }
    boolean contained = hosts.byId(root.id()) == null;
    if (contained) {
      Optional<Mount> host =
          hosts.of(mount.device()).filter(m -> !belongsToContainers(m, mount, root)).findFirst();
      if (host.isPresent()) {
        return "is on a file system that the host has mounted too, at " + host.get().point();
      }
    }
    return sharedWith(mount, root, contained);
  }

  /** The runtime mounts a container's root on the host first, and the kubelet its volumes. */
  private boolean belongsToContainers(Mount host, Mount mount, Mount root) {
    return mount.id() == root.id()
        || settings.volumeRoots().stream().anyMatch(dir -> Territory.isWithin(host.point(), dir));
  }

  private boolean isAgents(Mount mount) {
    return AGENTS.stream().anyMatch(path -> isOn(path, mount.device()));
  }

  private boolean isOn(String path, long device) {
    try (FileDescriptor fd = PathOpener.openRoot(path)) {
      return status.ofKnown(fd.number()) == 0 && status.device() == device;
    } catch (NativeException notThere) {
      // So nothing runs from there.
      return false;
    }
  }

  /** Looks into one process of each mount namespace. */
  private String sharedWith(Mount mount, Mount root, boolean contained) {
    Set<String> seen = new HashSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (seen.add(namespace(process)) && isUsedBy(process, mount, root, contained)) {
          return "is on a file system that process "
              + process.getFileName()
              + " has mounted in another mount namespace";
        }
      }
      return "";
    } catch (IOException e) {
      return "is on a file system that others may use too: " + e.getMessage();
    }
  }

  private static String namespace(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
    } catch (IOException gone) {
      // A process that ends has let go of its namespace.
      return "";
    }
  }

  private boolean isUsedBy(Path process, Mount mount, Mount root, boolean contained) {
    Mounts theirs;
    try {
      theirs = Mounts.read(process.resolve("mountinfo"));
    } catch (IOException gone) {
      return false;
    }
    boolean isTargets = theirs.byId(root.id()) != null;
    boolean isHosts = contained && hosts.sameAs(theirs);
    // A process of the target that only unshared its mounts has the same root still.
    boolean sameRoot =
        theirs
            .of(root.device())
            .anyMatch(m -> m.point().equals("/") && m.root().equals(root.root()));
    return !isTargets && !isHosts && !sameRoot && theirs.of(mount.device()).findAny().isPresent();
  }
}

package dev.custos.agent.container;

import dev.custos.linux.SmallFile;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds containers on this node by their cgroups, and opens their root directories. It asks no
 * container runtime: what the kernel says holds for all of them.
 *
 * <p>The agent has to see the host's processes under the numbers that the host gives them ({@code
 * hostPID} in a pod). Not thread-safe.
 */
public final class ContainerResolver {
  private final Path proc;
  private final PodCgroups cgroups;
  private final SmallFile files = new SmallFile();
  private final ProcessTable processes;

  private ContainerResolver(Path proc, PodCgroups cgroups) {
    this.proc = proc;
    this.cgroups = cgroups;
    this.processes = new ProcessTable(proc, cgroups, files);
  }

  /** One that looks at {@code /proc}. */
  public static ContainerResolver ofThisNode() throws IOException {
    Path proc = Path.of("/proc");
    String own = new ProcFolder(proc.resolve("self"), new SmallFile()).cgroup();
    return new ContainerResolver(proc, PodCgroups.seenFrom(own));
  }

  /**
   * Looks through the processes once, and opens the roots of the containers that are there.
   *
   * @param node for the targets' origins
   * @return by the targets' ids, an answer for each
   */
  public Map<String, Opening> open(Collection<NodeSnapshot.Target> wanted, String node) {
    Map<String, Opening> openings = new LinkedHashMap<>();
    Map<NodeSnapshot.Target, ContainerRef> named = new LinkedHashMap<>();
    for (NodeSnapshot.Target target : wanted) {
      Optional<ContainerRef> container = ContainerRef.of(target);
      if (container.isPresent()) {
        named.put(target, container.get());
      } else {
        String reason = "\"" + Printable.escape(target.id()) + "\" is not a container's id";
        openings.put(target.id(), new Opening.Failed(reason));
      }
    }
    if (named.isEmpty()) {
      return openings;
    }
    ProcessTable.Look look;
    HostFiles host;
    try {
      look = processes.look(Set.copyOf(named.values()));
      host = HostFiles.look(proc);
    } catch (IOException e) {
      String reason = "this node's processes can't be looked through: " + e.getMessage();
      named.keySet().forEach(t -> openings.put(t.id(), new Opening.Pending(reason)));
      return openings;
    }
    named.forEach((target, ref) -> openings.put(target.id(), open(target, ref, node, look, host)));
    return openings;
  }

  private Opening open(
      NodeSnapshot.Target target,
      ContainerRef container,
      String node,
      ProcessTable.Look look,
      HostFiles host) {
    String name = "container " + container.id() + ": ";
    ProcessTable.Found found = look.containers().get(container);
    if (found == null) {
      return missing(container, look);
    }
    try {
      ContainerProcess process =
          ContainerProcess.open(proc, found, container, cgroups, host, files);
      return new Opening.Opened(opened(target, node, process));
    } catch (ContainerProcess.NotIt e) {
      return e.isPassing()
          ? new Opening.Pending(name + e.getMessage())
          : new Opening.Failed(name + e.getMessage());
    } catch (IOException e) {
      return new Opening.Pending(name + e.getMessage());
    }
  }

  private static Opening missing(ContainerRef container, ProcessTable.Look look) {
    String name = "container " + container.id();
    String pod = look.elsewhere().get(container.id());
    if (pod != null) {
      return new Opening.Failed(
          name + " is one of pod " + pod + " on this node, not of " + container.podUid());
    }
    String sandbox = look.sandboxes().get(container.podUid());
    return sandbox == null
        ? new Opening.Pending(name + " has no process yet")
        : new Opening.Failed(name + ": " + ContainerProcess.sandboxed(Printable.escape(sandbox)));
  }

  private static OpenedTarget opened(
      NodeSnapshot.Target target, String node, ContainerProcess process) {
    Origin origin =
        new Origin(
            node,
            target.namespace(),
            target.pod(),
            target.container(),
            target.id(),
            target.labels());
    return new OpenedTarget(
        new Target(
            target.id(),
            origin,
            process.root().number(),
            OptionalInt.of(process.pidFd().number()),
            cgroupId(process.cgroup()),
            // Not by its number, which is another process's some time after it has ended.
            process.path().resolve("mountinfo")),
        process.root(),
        List.of(process.pidFd(), process.folder()));
  }

  /** The inode of its cgroup, where a hierarchy of cgroup v2 is mounted that shows it. */
  private static OptionalLong cgroupId(String cgroup) {
    Optional<String> path =
        cgroup.lines().filter(line -> line.startsWith("0::/")).findFirst().map(l -> l.substring(3));
    if (path.isEmpty() || path.get().equals("/") || path.get().startsWith("/..")) {
      return OptionalLong.empty();
    }
    for (String hierarchy : new String[] {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
      Path folder = Path.of(hierarchy + path.get());
      try {
        if (Files.exists(folder.resolve("cgroup.controllers"))) {
          return OptionalLong.of((long) Files.getAttribute(folder, "unix:ino"));
        }
      } catch (IOException e) {
        // Removed meanwhile: then it is not known.
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }
}

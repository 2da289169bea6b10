package dev.custos.agent.container;

import dev.custos.linux.DirectoryReader;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * This node's processes, looked through once for all containers that are asked for. However many
 * processes there are, one for each container is kept. Not thread-safe.
 */
final class ProcessTable {
  /** The process of a container that started first, so the one that it was made for. */
  record Found(int pid, long startTime) {}

  /**
   * What a look brought.
   *
   * @param elsewhere by container id, the pod in whose cgroup it is, if that is another than was
   *     asked for
   * @param sandboxes by pod, the name of a process that runs a sandbox, so that containers have no
   *     processes that could be seen from here
   */
  record Look(
      Map<ContainerRef, Found> containers,
      Map<String, String> elsewhere,
      Map<String, String> sandboxes) {}

  /** What is looked for. */
  private record Wanted(Set<ContainerRef> containers, Set<String> ids, Set<String> pods) {}

  private final Path proc;
  private final PodCgroups cgroups;
  private final SmallFile files;

  // Of the process that was looked at last. Processes of a container were mostly started one after
  // the other, so one of thousands is read here once.
  private String lastCgroup = "";
  private Optional<ContainerRef> lastContainer = Optional.empty();

  ProcessTable(Path proc, PodCgroups cgroups, SmallFile files) {
    this.proc = proc;
    this.cgroups = cgroups;
    this.files = files;
  }

  /** Looks for containers. */
  Look look(Set<ContainerRef> containers) throws IOException {
    Wanted wanted =
        new Wanted(
            containers,
            containers.stream().map(ContainerRef::id).collect(Collectors.toSet()),
            containers.stream().map(ContainerRef::podUid).collect(Collectors.toSet()));
    Look look = new Look(new HashMap<>(), new HashMap<>(), new HashMap<>());
    try (FileDescriptor root = PathOpener.openRoot(proc.toString());
        FileDescriptor folder =
            new PathOpener().openInRoot(root.number(), new byte[] {'/'}, Access.DIRECTORY)) {
      DirectoryReader reader = new DirectoryReader();
      int filled = reader.fill(folder.number());
      while (filled > 0) {
        while (reader.next()) {
          int pid = pid(reader.name(), reader.nameLength());
          if (pid > 0) {
            consider(pid, wanted, look);
          }
        }
        filled = reader.fill(folder.number());
      }
      if (filled < 0) {
        throw new NativeException("getdents64", proc.toString(), -filled);
      }
    }
    return look;
  }

  private static int pid(byte[] name, int length) {
    int pid = 0;
    for (int i = 0; i < length; i++) {
      if (name[i] < '0' || name[i] > '9' || length > 9) {
        return -1;
      }
      pid = pid * 10 + name[i] - '0';
    }
    return pid;
  }

  private Optional<ContainerRef> containerOf(String cgroup) {
    if (!cgroup.equals(lastCgroup)) {
      lastContainer = cgroups.containerOf(cgroup);
      lastCgroup = cgroup;
    }
    return lastContainer;
  }

  private void consider(int pid, Wanted wanted, Look look) {
    ProcFolder process = new ProcFolder(proc.resolve(Integer.toString(pid)), files);
    try {
      Optional<ContainerRef> container = containerOf(process.cgroup());
      if (container.isEmpty()) {
        return;
      }
      ContainerRef here = container.get();
      if (wanted.containers().contains(here)) {
        ProcessStat stat = process.stat();
        Found known = look.containers().get(here);
        if (!stat.hasEnded() && (known == null || stat.startTime() < known.startTime())) {
          look.containers().put(here, new Found(pid, stat.startTime()));
        }
      } else if (wanted.ids().contains(here.id())) {
        look.elsewhere().put(here.id(), here.podUid());
      } else if (wanted.pods().contains(here.podUid())
          && !look.sandboxes().containsKey(here.podUid())) {
        Sandboxes.named(process).ifPresent(name -> look.sandboxes().put(here.podUid(), name));
      }
    } catch (IOException e) {
      // It ended while we looked: what is not there is not found.
      return;
    }
  }
}

package dev.custos.agent.container;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PidFd;
import dev.custos.linux.SmallFile;
import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A container's process, held so that no other can come in its place.
 *
 * @param folder its folder in {@code /proc}: once it has ended nothing is to be found there, also
 *     if its id is given out again
 */
record ContainerProcess(
    FileDescriptor pidFd, FileDescriptor folder, FileDescriptor root, String cgroup)
    implements AutoCloseable {

  // USER_HZ: the kernel tells it to programs in no other unit on x86-64 and arm64.
  private static final long TICKS = 100;
  private static final long STARTS_WITHIN_TICKS = 5 * TICKS;

  /** Why a process is not, or not yet, what was looked for. */
  static final class NotIt extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether trying again may help. */
    private final boolean isPassing;

    private NotIt(String message, boolean isPassing) {
      super(message);
      this.isPassing = isPassing;
    }

    boolean isPassing() {
      return isPassing;
    }
  }

  /**
   * Opens the root directory of a process that was found.
   *
   * @throws NotIt if it has ended, or is not in the container, or has the host's files
   */
  static ContainerProcess open(
      Path proc,
      ProcessTable.Found found,
      ContainerRef container,
      PodCgroups cgroups,
      HostFiles host,
      SmallFile files)
      throws IOException, NotIt {
    FileDescriptor pidFd = null;
    FileDescriptor folder = null;
    FileDescriptor root = null;
    try {
      pidFd = openPidFd(found.pid());
      folder = PathOpener.openRoot(proc.resolve(Integer.toString(found.pid())).toString());
      ProcFolder process = new ProcFolder(pathOf(folder), files);
      String cgroup = process.cgroup();
      // The id may have been given out again since the look, even to a process of the same
      // container.
      if (process.stat().startTime() != found.startTime()
          || !cgroups.containerOf(cgroup).equals(Optional.of(container))) {
        throw ended();
      }
      root = PathOpener.openRoot(process.path().resolve("root").toString());
      check(process, root, host);
      // Only now is it certain that all this was of the process that the pidfd stands for.
      if (!PidFd.isAlive(pidFd)) {
        throw ended();
      }
      ContainerProcess result = new ContainerProcess(pidFd, folder, root, cgroup);
      pidFd = null;
      folder = null;
      root = null;
      return result;
    } catch (IOException e) {
      // Of one that has ended nothing can be read, and the errors differ.
      if (pidFd != null && !PidFd.isAlive(pidFd)) {
        throw ended();
      }
      throw e;
    } finally {
      close(pidFd);
      close(folder);
      close(root);
    }
  }

  private static FileDescriptor openPidFd(int pid) throws NativeException, NotIt {
    try {
      return PidFd.open(pid);
    } catch (NativeException e) {
      if (e.errno() == Errno.ESRCH) {
        throw ended();
      }
      throw e;
    }
  }

  private static NotIt ended() {
    return new NotIt("its process has ended", true);
  }

  private static void check(ProcFolder process, FileDescriptor root, HostFiles host)
      throws IOException, NotIt {
    boolean isHosts = host.have(root, process.path());
    Optional<String> sandbox = Sandboxes.named(process);
    if (sandbox.isPresent() && (isHosts || Sandboxes.isGvisor(sandbox.get()))) {
      throw new NotIt(sandboxed(Printable.escape(sandbox.get())), false);
    }
    if (isHosts) {
      // So it is for a moment at each start, until the runtime has moved the process to its root.
      boolean isStarting = process.stat().startTime() + STARTS_WITHIN_TICKS > uptimeTicks();
      throw new NotIt("its root directory is the host's own, not a container's", isStarting);
    }
  }

  private static long uptimeTicks() throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    return (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * TICKS);
  }

  /** Why the files of a sandbox's containers can't be reached. */
  static String sandboxed(String process) {
    return "it runs in a sandbox ("
        + process
        + "), whose files this node can't see: Kata Containers and gVisor are not supported";
  }

  /** Where all that this process's folder has is to be found, as long as it runs. */
  Path path() {
    return pathOf(folder);
  }

  private static Path pathOf(FileDescriptor folder) {
    return Path.of("/proc/self/fd/" + folder.number());
  }

  private static void close(FileDescriptor descriptor) {
    if (descriptor != null) {
      descriptor.close();
    }
  }

  @Override
  public void close() {
    root.close();
    folder.close();
    pidFd.close();
  }
}

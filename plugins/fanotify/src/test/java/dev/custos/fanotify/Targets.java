package dev.custos.fanotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PidFd;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Targets below directories of a test, and the descriptors that they stand on. */
final class Targets implements AutoCloseable {
  private final List<FileDescriptor> open = new ArrayList<>();

  Target at(Path root, OptionalLong owner) {
    try {
      FileDescriptor rootFd = PathOpener.openRoot(root.toString());
      open.add(rootFd);
      OptionalInt pidFd = OptionalInt.empty();
      if (owner.isPresent()) {
        FileDescriptor process = PidFd.open((int) owner.getAsLong());
        open.add(process);
        pidFd = OptionalInt.of(process.number());
      }
      return new Target(
          "target-" + open.size(),
          Origin.ofNode("node"),
          rootFd.number(),
          pidFd,
          OptionalLong.empty(),
          Path.of("/proc/self/mountinfo"));
    } catch (NativeException e) {
      throw new AssertionError(e);
    }
  }

  /** The target that a process with a root and mounts of its own is. */
  Target of(long pid) {
    String proc = "/proc/" + pid;
    Target host = at(Path.of(proc + "/root"), OptionalLong.of(pid));
    return new Target(
        host.id(),
        host.origin(),
        host.rootFd(),
        host.pidFd(),
        host.cgroupId(),
        Path.of(proc + "/mountinfo"));
  }

  @Override
  public void close() {
    open.forEach(FileDescriptor::close);
  }
}

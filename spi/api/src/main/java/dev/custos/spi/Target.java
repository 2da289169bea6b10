package dev.custos.spi;

import dev.custos.spi.event.Origin;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A tree of files that plans apply to: the host's own, or that of one container. The host of the
 * plugins opened it and then checked by pidfd that the process was still the one it meant, so a
 * recycled process id is never taken for it. A backend learns nothing of container runtimes.
 *
 * @param id unique on this node, and new after each restart of a container
 * @param rootFd an {@code O_PATH} descriptor of the target's root directory, owned by the host
 * @param pidFd a pidfd_open(2) descriptor of the container's process, owned by the host; empty for
 *     the host's own tree
 * @param cgroupId the inode number of the container's cgroup directory, where known
 * @param mountTable the file that lists the target's mounts, as in proc_pid_mountinfo(5)
 */
public record Target(
    String id,
    Origin origin,
    int rootFd,
    OptionalInt pidFd,
    OptionalLong cgroupId,
    Path mountTable) {
  public Target {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(pidFd, "pidFd");
    Objects.requireNonNull(cgroupId, "cgroupId");
    Objects.requireNonNull(mountTable, "mountTable");
  }
}

package dev.custos.agent.container;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Container runtimes that put a kernel of their own between a container and the node. What is in
 * the container's cgroup is then a virtual machine's monitor (Kata Containers) or gVisor's kernel,
 * whose own files are no files of the container.
 */
final class Sandboxes {
  private static final List<String> NAMES =
      List.of(
          "runsc-sandbox",
          "runsc-gofer",
          "qemu-system-",
          "qemu-kvm",
          "cloud-hypervisor",
          "firecracker",
          "dragonball",
          "stratovirt",
          "virtiofsd",
          "containerd-shim-kata");

  private Sandboxes() {}

  /**
   * The name of a process if it is one that runs a sandbox. Its own claim: no proof of anything.
   */
  static Optional<String> named(ProcFolder process) throws IOException {
    String name = process.name();
    return Optional.of(name).filter(one -> NAMES.stream().anyMatch(one::startsWith));
  }

  /** Whether a sandbox's process has no root directory that could be looked at in its place. */
  static boolean isGvisor(String name) {
    return name.startsWith("runsc-");
  }
}

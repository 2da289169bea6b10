package dev.custos.fanotify;

import dev.custos.linux.FileStatus;

/**
 * Who keeps a node's containers running: the kubelet, container runtimes and their shims. To deny
 * these an access would take the node down, so a guard never does.
 *
 * <p>A process is not believed its name. It has to run as root a program that root owns and nobody
 * else can write, in the process id namespace and below the root directory of process 1, outside
 * any container's control group: all of that a container can't have. What a container runtime does
 * inside a container, as {@code runc init} does, looks like the container, and is treated like it.
 */
final class NodeServices {
  private static final int INIT = 1;
  private static final int WRITABLE_BY_OTHERS = 022;
  private static final byte[] PID_NAMESPACE = ProcFile.ascii("/ns/pid");
  private static final byte[] ROOT = ProcFile.ascii("/root");
  private static final byte[] SHIM = ProcFile.ascii("containerd-shim");
  private static final byte[][] PROGRAMS = {
    ProcFile.ascii("kubelet"),
    ProcFile.ascii("kubelite"),
    ProcFile.ascii("k3s"),
    ProcFile.ascii("k3s-server"),
    ProcFile.ascii("k3s-agent"),
    ProcFile.ascii("k0s"),
    ProcFile.ascii("rke2"),
    ProcFile.ascii("containerd"),
    ProcFile.ascii("dockerd"),
    ProcFile.ascii("cri-dockerd"),
    ProcFile.ascii("crio"),
    ProcFile.ascii("conmon"),
    ProcFile.ascii("conmonrs"),
    ProcFile.ascii("podman"),
    ProcFile.ascii("runc"),
    ProcFile.ascii("crun"),
    ProcFile.ascii("youki"),
    ProcFile.ascii("runsc"),
    ProcFile.ascii("kata-runtime"),
  };

  private final ProcFile proc;
  private final FileStatus status = new FileStatus();
  private final boolean known;
  // Of a node that is itself a container, as kind's are; else nothing.
  private final byte[] ownContainer = new byte[ContainerId.LENGTH];
  private final boolean contained;
  private final long namespaceDevice;
  private final long namespaceInode;
  private final long rootDevice;
  private final long rootInode;

  NodeServices(ProcFile proc) {
    this.proc = proc;
    // Where process 1 can't be looked at, the host is where we are.
    int host = look(INIT, ROOT) ? INIT : (int) ProcessHandle.current().pid();
    boolean namespace = look(host, PID_NAMESPACE);
    namespaceDevice = namespace ? status.device() : 0;
    namespaceInode = namespace ? status.inode() : 0;
    boolean root = look(host, ROOT);
    rootDevice = root ? status.device() : 0;
    rootInode = root ? status.inode() : 0;
    known = namespace && root;
    ContainerId container = new ContainerId(proc);
    contained = container.read(host) && container.isPresent();
    if (contained) {
      System.arraycopy(container.bytes(), 0, ownContainer, 0, ownContainer.length);
    }
  }

  private boolean look(int pid, byte[] link) {
    int fd = proc.handle(pid, link);
    if (fd < 0) {
      return false;
    }
    boolean found = status.ofKnown(fd) == 0;
    FanotifyLibrary.CALLS.close(fd);
    return found;
  }

  /** Whether the program at a path is called as one of them is. Reads nothing. */
  boolean isCalledSo(EventPath path) {
    int end = path.start() + path.length();
    int name = path.start() + path.parentLength() + 1;
    if (startsWith(path.bytes(), name, end, SHIM)) {
      return true;
    }
    for (byte[] program : PROGRAMS) {
      if (end - name == program.length && startsWith(path.bytes(), name, end, program)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(byte[] bytes, int from, int end, byte[] what) {
    if (end - from < what.length) {
      return false;
    }
    for (int i = 0; i < what.length; i++) {
      if (bytes[from + i] != what[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a process that is called so is one.
   *
   * @param executable what is known of the file that it runs
   * @param uid its real one, as we number it
   */
  boolean isOne(int pid, FileStatus executable, long uid, ContainerId container) {
    return known
        && uid == 0
        && executable.owner() == 0
        && (executable.permissions() & WRITABLE_BY_OTHERS) == 0
        && look(pid, PID_NAMESPACE)
        && status.device() == namespaceDevice
        && status.inode() == namespaceInode
        && look(pid, ROOT)
        && status.device() == rootDevice
        && status.inode() == rootInode
        && container.read(pid)
        && isOnNode(container);
  }

  private boolean isOnNode(ContainerId container) {
    if (!contained || !container.isPresent()) {
      return !container.isPresent();
    }
    for (int i = 0; i < ownContainer.length; i++) {
      if (container.bytes()[i] != ownContainer[i]) {
        return false;
      }
    }
    return true;
  }
}

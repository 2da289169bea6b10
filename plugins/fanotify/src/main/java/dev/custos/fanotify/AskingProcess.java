package dev.custos.fanotify;

import dev.custos.linux.FileStatus;
import dev.custos.linux.NativeException;
import dev.custos.spi.Target;
import java.util.List;

/**
 * The process that asks: what it runs, who it is, and whether it may be denied anything. Each is
 * looked up when it is first asked for, because a look-up takes microseconds and most answers need
 * none. Makes no object; not thread-safe.
 *
 * <p>Nothing here is about another process with the same number as long as the asker waits; see
 * {@link ProcFile}. A pidfd in each event (FAN_REPORT_PIDFD) would say no more than that, and would
 * cost every event what only some need.
 */
final class AskingProcess {
  private static final int KERNEL = 2;
  private static final byte[] STATUS = ProcFile.ascii("/status");
  private static final byte[] EXE = ProcFile.ascii("/exe");
  private static final byte[] NAME = ProcFile.ascii("Name:\t");
  private static final byte[] STATE = ProcFile.ascii("State:\t");
  private static final byte[] PARENT = ProcFile.ascii("PPid:\t");
  private static final byte[] UIDS = ProcFile.ascii("Uid:\t");
  private static final int REAL = 0;
  private static final int FOR_FILES = 3;

  private final int self = (int) ProcessHandle.current().pid();
  private final IdMap users;
  private final ProcFile proc = new ProcFile();
  private final ContainerId container = new ContainerId(proc);
  private final NodeServices services = new NodeServices(proc);
  private final EventPath path;
  // A node's services need not be below a target's root.
  private final EventPath wholePath = EventPath.whole();
  private final CachedLookup lookup;
  private final ObjectReader objects = new ObjectReader();
  private final FileStatus other = new FileStatus();
  // Names have 15 bytes (TASK_COMM_LEN), up to twice as many where they are escaped; those of
  // kernel threads are longer.
  private final byte[] name = new byte[64];

  private int pid;
  private boolean statusRead;
  private boolean alive;
  private boolean zombie;
  private int parent;
  private long realUid;
  private long fileUid;
  private int nameLength;
  private boolean executableRead;
  private boolean executableKnown;
  private boolean protectionKnown;
  private boolean protectedly;
  private long examined;
  private long matching;

  AskingProcess(Target target, IdMap users) throws NativeException {
    this.users = users;
    this.path = EventPath.below(target.rootFd());
    this.lookup = new CachedLookup(target.rootFd());
  }

  /** Turns to another process. */
  void turnTo(int newPid) {
    pid = newPid;
    statusRead = false;
    executableRead = false;
    protectionKnown = false;
    examined = 0;
    matching = 0;
  }

  /** Whether anything was looked up already. */
  boolean isSeen() {
    return statusRead || executableRead;
  }

  private void readStatus() {
    if (statusRead) {
      return;
    }
    statusRead = true;
    alive = proc.read(pid, STATUS);
    zombie = alive && isZombie();
    parent = (int) number(PARENT, 0);
    realUid = number(UIDS, REAL);
    fileUid = number(UIDS, FOR_FILES);
    int from = proc.valueOf(NAME);
    nameLength = from < 0 ? 0 : Math.min(proc.endOfLine(from) - from, name.length);
    if (nameLength > 0) {
      proc.copy(from, name, nameLength);
    }
  }

  private boolean isZombie() {
    int state = proc.valueOf(STATE);
    return state < 0 || proc.at(state) == 'Z' || proc.at(state) == 'X';
  }

  private long number(byte[] key, int index) {
    int at = proc.valueOf(key);
    return at < 0 ? -1 : proc.number(at, index);
  }

  /** Opens what it runs; -1 if that can't be had, as of one whose main thread has ended. */
  private int openExecutable() {
    int fd = proc.handle(pid, EXE);
    executableRead = true;
    executableKnown = fd >= 0 && objects.lookCached(fd) == 0;
    if (executableKnown) {
      path.read(fd, objects.status().links() == 0);
    }
    return fd;
  }

  private void readExecutable() {
    if (!executableRead) {
      close(openExecutable());
    }
  }

  private static void close(int fd) {
    if (fd >= 0) {
      FanotifyLibrary.CALLS.close(fd);
    }
  }

  /**
   * Which of these the process is one of.
   *
   * @param needed the bits of those that matter
   */
  long matching(List<Narrowing> narrowings, long needed) {
    if ((needed & ~examined) != 0) {
      readStatus();
      int fd = openExecutable();
      for (int i = 0; i < narrowings.size(); i++) {
        Narrowing narrowing = narrowings.get(i);
        if ((needed & narrowing.bit()) != 0 && isOneOf(narrowing, fd)) {
          matching |= narrowing.bit();
        }
      }
      close(fd);
      examined |= needed;
    }
    return matching & needed;
  }

  private boolean isOneOf(Narrowing narrowing, int fd) {
    if (!narrowing.uids().isEmpty()
        && alive
        && !narrowing.hasUid(users.inside(realUid), users.inside(fileUid))) {
      return false;
    }
    if (narrowing.executables().isEmpty()) {
      return true;
    }
    if (!executableKnown) {
      // A process whose main thread has ended hides what it runs: that must not help it. The
      // kernel's own threads run nothing.
      return pid != KERNEL && parent != KERNEL;
    }
    for (int i = 0; i < narrowing.executables().size(); i++) {
      if (runs(narrowing.executables().get(i), fd)) {
        return true;
      }
    }
    return false;
  }

  /** By file; and by path if that leads to the same file, which was put there since the plan. */
  private boolean runs(Narrowing.Executable executable, int fd) {
    for (int i = 0; i < executable.ids().size(); i++) {
      if (objects.is(executable.ids().get(i), fd)) {
        return true;
      }
    }
    byte[] expected = executable.path();
    if (!path.hasPath() || path.length() != expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (path.bytes()[path.start() + i] != expected[i]) {
        return false;
      }
    }
    int there = lookup.open(expected, 0, expected.length);
    boolean same =
        there >= 0
            && other.ofKnown(there) == 0
            && other.inode() == objects.status().inode()
            && other.device() == objects.status().device();
    close(there);
    return same;
  }

  /** Whether it is the agent's own or one of the {@link NodeServices}, which are never denied. */
  boolean isProtected() {
    if (!protectionKnown) {
      protectionKnown = true;
      protectedly = isNodeService() || isOurs();
    }
    return protectedly;
  }

  private boolean isNodeService() {
    int fd = openExecutable();
    boolean called =
        executableKnown
            && wholePath.read(fd, objects.status().links() == 0)
            && services.isCalledSo(wholePath);
    close(fd);
    if (!called) {
      return false;
    }
    readStatus();
    return services.isOne(pid, objects.status(), realUid, container);
  }

  /** A child of the agent, or a child's child: what it has started to do its work. */
  private boolean isOurs() {
    readStatus();
    if (parent == self) {
      return true;
    }
    return parent > 1 && proc.read(parent, STATUS) && number(PARENT, 0) == self;
  }

  /**
   * Whether it had ended when it was looked at. Its main thread may have, and another one asks: so
   * of one that still waits for its answer this says nothing.
   */
  boolean hasEnded() {
    readStatus();
    return !alive || zombie;
  }

  /** Notes all that can be seen of it. */
  void describe(ProcessNote note) {
    readStatus();
    if (!alive) {
      note.gone(pid);
      return;
    }
    readExecutable();
    note.seen(pid, users.inside(realUid));
    note.command(name, nameLength);
    if (executableKnown) {
      note.executable(path);
    }
    if (container.read(pid) && container.isPresent()) {
      note.container(container.bytes());
    }
  }
}

package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes mounts that only this process has: the clone of a directory that open_tree(2) makes is in
 * no mount namespace, shows nothing of what is mounted below, and vanishes with the last descriptor
 * of anything on it.
 *
 * <p>The kernel clones what is mounted in the caller's own mount namespace only. For another one, a
 * thread goes there with setns(2) for the length of that call, and comes back: staying would keep a
 * container's mounts in place. That must be a thread which does nothing else, because it needs a
 * root directory of its own (CLONE_FS).
 */
final class PrivateMount {
  private static final int OPEN_TREE_CLONE = 0x1;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final String OWN_NAMESPACE = "/proc/self/ns/mnt";
  private static final int NONE = -1;

  private final ByteBuffer noName = ByteBuffer.allocateDirect(1);
  private final Queue<FutureTask<Integer>> tasks = new ConcurrentLinkedQueue<>();
  private final Runnable wakeup;
  private volatile boolean closed;

  /** Our own namespace, once the thread that goes to others has a root directory of its own. */
  private int own = NONE;

  /** Why that thread could not come back, an errno. */
  private int strayed;

  /**
   * Nothing is held yet.
   *
   * @param wakeup has the thread that goes to other namespaces call {@link #answer}
   */
  PrivateMount(Runnable wakeup) {
    this.wakeup = wakeup;
  }

  /**
   * A mount with the directory that an O_PATH descriptor stands for as its root.
   *
   * @param namespace the file of the mount namespace in which it was opened
   * @return its descriptor, for the caller to close
   * @throws NativeException EINVAL from open_tree if the file system is mounted with {@code
   *     unbindable}, or in neither of the two namespaces; EPERM from setns without CAP_SYS_CHROOT
   */
  int of(int handle, Path namespace) throws NativeException {
    int tree = openTree(handle);
    if (tree == -Errno.EINVAL) {
      try (FileDescriptor theirs = openNamespace(namespace.toString())) {
        tree = elsewhere(handle, theirs.number());
      }
    }
    if (tree < 0) {
      throw new NativeException("open_tree", "", -tree);
    }
    return tree;
  }

  private int openTree(int handle) {
    int flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | Libc.O_CLOEXEC;
    long tree = Libc.LIBRARY.syscall(Libc.SYS_OPEN_TREE, handle, noName, flags);
    return tree >= 0 ? (int) tree : -Libc.errno();
  }

  private int elsewhere(int handle, int namespace) throws NativeException {
    FutureTask<Integer> task = new FutureTask<>(() -> openTreeIn(namespace, handle));
    tasks.add(task);
    wakeup.run();
    if (closed) {
      // The thread may have ended without a look at this one.
      task.cancel(false);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // the namespace's descriptor is in use until the task is done
        }
      }
    } catch (CancellationException e) {
      throw new NativeException("setns", "", Errno.EBADF);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NativeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static FileDescriptor openNamespace(String file) throws NativeException {
    byte[] name = file.getBytes(StandardCharsets.UTF_8);
    ByteBuffer path = new PathBuffer().path(name, 0, name.length);
    int fd = Libc.LIBRARY.openat(NONE, path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new NativeException("open", file, Libc.errno());
    }
    return new FileDescriptor(fd);
  }

  // --- the thread that goes to other namespaces

  /** Does what waits. One thread, always the same. */
  void answer() {
    FutureTask<Integer> task;
    while ((task = tasks.poll()) != null) {
      task.run();
    }
    if (strayed != 0) {
      // It can't be of any more use, and must not be of harm.
      throw new IllegalStateException("setns(" + OWN_NAMESPACE + "): " + Errno.name(strayed));
    }
  }

  private int openTreeIn(int namespace, int handle) throws NativeException {
    if (own == NONE) {
      int home = openNamespace(OWN_NAMESPACE).release();
      if (Libc.LIBRARY.unshare(CLONE_FS) != 0) {
        int errno = Libc.errno();
        FileDescriptor.close(home);
        throw new NativeException("unshare", "", errno);
      }
      own = home;
      // Whatever the virtual machine loads for these calls, it loads with our own root directory.
      openTreeThere(own, NONE);
    }
    return openTreeThere(namespace, handle);
  }

  private int openTreeThere(int namespace, int handle) throws NativeException {
    int errno = enter(namespace);
    if (errno != 0) {
      throw new NativeException("setns", "", errno);
    }
    int tree = openTree(handle);
    strayed = enter(own);
    return tree;
  }

  private static int enter(int namespace) {
    return Libc.LIBRARY.setns(namespace, CLONE_NEWNS) == 0 ? 0 : Libc.errno();
  }

  /** The thread ends. */
  void close() {
    closed = true;
    FutureTask<Integer> task;
    while ((task = tasks.poll()) != null) {
      task.cancel(false);
    }
    if (own != NONE) {
      FileDescriptor.close(own);
    }
  }
}

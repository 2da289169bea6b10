package dev.custos.fanotify;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.u_int32_t;
import jnr.ffi.types.u_int64_t;
import jnr.ffi.types.uintptr_t;

/** The calls of libc that guarding takes. The one class here that knows jnr-ffi. */
final class FanotifyLibrary {
  /**
   * By their man pages' names. Buffers are direct, and their position is 0: it is the position's
   * address that is passed.
   */
  public interface Calls {
    int fanotify_init(@u_int32_t int flags, @u_int32_t int eventFFlags);

    int fanotify_mark(
        int fanotifyFd,
        @u_int32_t int flags,
        @u_int64_t long mask,
        int dirfd,
        @In ByteBuffer pathname);

    int eventfd(int initval, int flags);

    int getrlimit(int resource, @Out ByteBuffer rlim);

    int memfd_create(@In ByteBuffer name, @u_int32_t int flags);

    int name_to_handle_at(
        int dirfd, @In ByteBuffer pathname, ByteBuffer handle, @Out ByteBuffer mountId, int flags);

    @Variadic(fixedCount = 3)
    int openat(int dirfd, @In ByteBuffer pathname, int flags, int mode);

    /** By an address, see {@link FanotifyLibrary#address}; so are the next two. */
    @ssize_t
    long read(int fd, @uintptr_t long buf, @size_t long count);

    @ssize_t
    long write(int fd, @uintptr_t long buf, @size_t long count);

    @ssize_t
    long readlink(@uintptr_t long pathname, @uintptr_t long buf, @size_t long bufsiz);

    @ssize_t
    long read(int fd, @Out ByteBuffer buf, @size_t long count);

    @ssize_t
    long write(int fd, @In ByteBuffer buf, @size_t long count);

    @ssize_t
    long pwrite(int fd, @In ByteBuffer buf, @size_t long count, long offset);

    int close(int fd);

    @Variadic(fixedCount = 2)
    int fcntl(int fd, int cmd, int arg);

    @Variadic(fixedCount = 2)
    int ioctl(int fd, @uintptr_t long request, @Out ByteBuffer argp);

    @ssize_t
    long readlink(@In ByteBuffer pathname, @Out ByteBuffer buf, @size_t long bufsiz);

    int fstatfs(int fd, @Out ByteBuffer buf);

    int inotify_init1(int flags);

    int inotify_add_watch(int fd, @In ByteBuffer pathname, @u_int32_t int mask);

    int inotify_rm_watch(int fd, int wd);

    /** syscall(2) for openat2(2), which glibc has no wrapper of. */
    @Variadic(fixedCount = 1)
    long syscall(
        long number, int dirfd, @In ByteBuffer pathname, @In ByteBuffer how, @size_t long size);

    /**
     * syscall(2) for pidfd_open(2) and pidfd_send_signal(2), whose wrappers glibc has from 2.36.
     */
    @Variadic(fixedCount = 1)
    long syscall(long number, long first, long second, long third, long fourth);
  }

  static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");
  static final boolean ARM64 = Platform.getNativePlatform().getCPU() == Platform.CPU.AARCH64;
  private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

  private FanotifyLibrary() {}

  /**
   * Where a direct buffer is, for as long as it is reachable. To find that out anew with every call
   * costs as much as the way into the kernel.
   */
  static long address(ByteBuffer direct) {
    return Pointer.wrap(RUNTIME, direct).address();
  }

  /** A descriptor of nothing in particular, closed at exec; negative if there is none left. */
  static int eventfd() {
    return CALLS.eventfd(0, Fanotify.O_CLOEXEC | Fanotify.O_NONBLOCK);
  }

  /** The errno of this thread's last call. Stale after success: look at the result first. */
  static int errno() {
    return RUNTIME.getLastError();
  }
}

package dev.custos.inotify;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.u_int32_t;

/** inotify(7)'s own calls. */
final class InotifyLibrary {
  /** By their man pages' names. Buffers are direct. */
  public interface Calls {
    int inotify_init1(int flags);

    int inotify_add_watch(int fd, @In ByteBuffer pathname, @u_int32_t int mask);

    int inotify_rm_watch(int fd, int wd);

    @Variadic(fixedCount = 2)
    int ioctl(int fd, long request, @Out ByteBuffer value);
  }

  static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

  private InotifyLibrary() {}

  /** The errno of this thread's last call. Stale after success: look at the result first. */
  static int errno() {
    return RUNTIME.getLastError();
  }
}

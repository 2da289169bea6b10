package dev.custos.fanotify;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.types.u_int64_t;

/** What it takes to mount a file system that a test serves itself. */
public final class FuseLibrary {
  /** By their man pages' names. */
  public interface Calls {
    int mount(
        @In ByteBuffer source,
        @In ByteBuffer target,
        @In ByteBuffer type,
        @u_int64_t long flags,
        @In ByteBuffer data);

    int umount2(@In ByteBuffer target, int flags);
  }

  static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

  private FuseLibrary() {}

  static int errno() {
    return RUNTIME.getLastError();
  }
}

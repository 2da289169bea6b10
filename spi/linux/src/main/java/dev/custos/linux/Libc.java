package dev.custos.linux;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** The loaded libc and the numbers that differ between processors. */
final class Libc {
  static final LibcLibrary LIBRARY = LibraryLoader.create(LibcLibrary.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(LIBRARY);
  private static final boolean ARM64 =
      Platform.getNativePlatform().getCPU() == Platform.CPU.AARCH64;

  static final int O_RDONLY = 0;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  // include/uapi/asm-generic/fcntl.h, but arm64 swaps these two with O_DIRECT and O_LARGEFILE.
  static final int O_DIRECTORY = ARM64 ? 0x4000 : 0x10000;
  static final int O_NOFOLLOW = ARM64 ? 0x8000 : 0x20000;

  static final int SYS_GETTID = ARM64 ? 178 : 186;
  static final int SYS_PIDFD_OPEN = 434;
  static final int SYS_OPEN_TREE = 428;
  static final int SYS_OPENAT2 = 437;

  private Libc() {}

  /**
   * Where a direct buffer is, for as long as it is reachable. To find that out anew with every call
   * costs as much as the way into the kernel.
   */
  static long address(ByteBuffer direct) {
    return Pointer.wrap(RUNTIME, direct).address();
  }

  /** The errno of this thread's last call. Stale after success: look at the result first. */
  static int errno() {
    return RUNTIME.getLastError();
  }
}

package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.In;
import jnr.ffi.types.u_int32_t;

/** renameat2(2), for what neither Java nor every mv(1) can do. */
final class RenameLibrary {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;

  /** By its man page's name. */
  public interface Calls {
    int renameat2(
        int olddirfd,
        @In ByteBuffer oldpath,
        int newdirfd,
        @In ByteBuffer newpath,
        @u_int32_t int flags);
  }

  private static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");

  private RenameLibrary() {}

  /** Has two paths change places in one step. */
  static void exchange(Path one, Path other) {
    assertThat(tryExchange(one, other)).as("renameat2 of %s and %s", one, other).isTrue();
  }

  /** As {@link #exchange}; returns whether that was possible. */
  static boolean tryExchange(Path one, Path other) {
    return CALLS.renameat2(AT_FDCWD, buffer(one), AT_FDCWD, buffer(other), RENAME_EXCHANGE) == 0;
  }

  private static ByteBuffer buffer(Path path) {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 1).put(bytes);
    return buffer.clear();
  }
}

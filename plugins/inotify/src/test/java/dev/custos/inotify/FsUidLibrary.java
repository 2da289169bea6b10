package dev.custos.inotify;

import jnr.ffi.LibraryLoader;

/** setfsuid(2): who one thread is when it opens files. */
final class FsUidLibrary {
  private static final int NOBODY = 65_534;

  /** By its man page's name. */
  public interface Calls {
    int setfsuid(int fsuid);
  }

  private static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");

  private FsUidLibrary() {}

  /** Takes from this thread, for good, what root may do with files; see capabilities(7). */
  static void becomeNobody() {
    CALLS.setfsuid(NOBODY);
    // The call answers with the former id, so the second one says whether the first succeeded.
    if (CALLS.setfsuid(NOBODY) != NOBODY) {
      throw new IllegalStateException("setfsuid failed");
    }
  }
}

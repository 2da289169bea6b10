package dev.custos.fanotify;

import java.util.List;

/**
 * Who some guards of a plan are about.
 *
 * @param index its number within the plan: its bit in what {@link AskingProcess#matching} returns
 * @param executables empty for whatever they run
 * @param uids as the target numbers them; empty for whoever they are
 */
record Narrowing(int index, List<Executable> executables, List<Long> uids) {
  /** A program. Immutable, and hands out its bytes without a copy: they are read only. */
  static final class Executable {
    private final List<ObjectId> ids;
    private final byte[] path;

    /**
     * A program of a target.
     *
     * @param ids which files it has been since the plan was applied
     * @param path without symbolic links where there is a file, else as written
     */
    Executable(List<ObjectId> ids, byte[] path) {
      this.ids = ids;
      this.path = path;
    }

    List<ObjectId> ids() {
      return ids;
    }

    byte[] path() {
      return path;
    }
  }

  long bit() {
    return 1L << index;
  }

  /** Whether either of a process's numbers is one of ours. -1 stands for none. */
  boolean hasUid(long real, long forFiles) {
    for (int i = 0; i < uids.size(); i++) {
      long uid = uids.get(i);
      if (uid == real || uid == forFiles) {
        return true;
      }
    }
    return false;
  }
}

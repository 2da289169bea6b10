package dev.custos.fanotify;

import dev.custos.spi.IgnoreRules;
import dev.custos.spi.event.FilePath;

/**
 * A rule as it holds for the direct children of one directory.
 *
 * @param below the directory's path from the guard's own on, for ignore rules with a slash; empty
 *     at the top
 */
record Cover(Rule rule, IgnoreRules ignore, FilePath below) {
  /** Whether the guard leaves out a child of this name. */
  boolean ignores(byte[] bytes, int offset, int length) {
    if (ignore.isEmpty()) {
      return false;
    }
    return ignore.matchesName(bytes, offset, length)
        || (ignore.hasPaths() && ignoresPath(bytes, offset, length));
  }

  /** Makes one array, for the few guards that ignore by path. */
  private boolean ignoresPath(byte[] bytes, int offset, int length) {
    int prefix = below.isEmpty() ? 0 : below.length() + 1;
    byte[] path = new byte[prefix + length];
    if (prefix > 0) {
      below.copyTo(path, 0);
      path[prefix - 1] = '/';
    }
    System.arraycopy(bytes, offset, path, prefix, length);
    return ignore.matchesPath(path, 0, path.length);
  }

  Cover deeper(FilePath name) {
    return new Cover(rule, ignore, below.isEmpty() ? name : below.resolve(name));
  }
}

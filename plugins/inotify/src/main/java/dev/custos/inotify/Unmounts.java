package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.List;

/** The topmost of the paths whose file systems went away: the mount points, as far as watched. */
final class Unmounts {
  /** More at once are told as the loss of the whole subject. */
  private static final int AT_MOST = 64;

  private final List<FilePath> tops = new ArrayList<>();

  /** Takes in a path that went away, below or at {@code subject}. */
  void add(FilePath path, FilePath subject) {
    for (FilePath top : tops) {
      if (isWithin(path, top)) {
        return;
      }
    }
    tops.removeIf(top -> isWithin(top, path));
    tops.add(path);
    if (tops.size() > AT_MOST) {
      tops.clear();
      tops.add(subject);
    }
  }

  /** All of them, once. */
  List<FilePath> take() {
    List<FilePath> taken = List.copyOf(tops);
    tops.clear();
    return taken;
  }

  private static boolean isWithin(FilePath path, FilePath top) {
    int length = top.length();
    if (path.length() < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (path.byteAt(i) != top.byteAt(i)) {
        return false;
      }
    }
    return path.length() == length
        || path.byteAt(length) == '/'
        || (length == 1 && top.byteAt(0) == '/');
  }
}

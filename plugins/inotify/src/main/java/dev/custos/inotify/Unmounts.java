package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where file systems of one subject went away. The kernel tells it inode by inode, in no order and
 * with pauses; the mount table changed before, and knows the mount point.
 */
final class Unmounts {
  /** More paths at once are told as the loss of the whole subject, and older points forgotten. */
  private static final int AT_MOST = 64;

  // Both without an object of their own while they are empty: there is one of these for each path
  // that is watched, and few see an unmount.
  private List<FilePath> tops = List.of();

  /** Where the mount table changed, and whether that was told as a loss. */
  private Map<FilePath, Boolean> points = Map.of();

  /** The mount table changed at this path. */
  void changed(FilePath point) {
    if (points.isEmpty()) {
      points = new LinkedHashMap<>();
    }
    points.remove(point);
    points.put(point, false);
    if (points.size() > AT_MOST) {
      points.remove(points.keySet().iterator().next());
    }
  }

  /** Takes in a path that went away, below or at {@code subject}. */
  void add(FilePath path, FilePath subject) {
    for (FilePath top : tops) {
      if (isWithin(path, top)) {
        return;
      }
    }
    if (tops.isEmpty()) {
      tops = new ArrayList<>();
    }
    tops.removeIf(top -> isWithin(top, path));
    tops.add(path);
    if (tops.size() > AT_MOST) {
      tops.clear();
      tops.add(subject);
    }
  }

  boolean isEmpty() {
    return tops.isEmpty();
  }

  /**
   * What to tell as lost, each mount point once: the point itself, the subject if that lies in it,
   * or the topmost path that went away if no mount table told of a point.
   */
  List<FilePath> take(FilePath subject) {
    List<FilePath> taken = new ArrayList<>();
    for (FilePath top : tops) {
      FilePath point = pointOf(top);
      if (point == null) {
        taken.add(top);
      } else if (!points.replace(point, true)) {
        taken.add(isWithin(point, subject) ? point : subject);
      }
    }
    tops = List.of();
    return taken;
  }

  /** Whether what a listing found changed at a mount point is still to be told. */
  boolean isToTell(FilePath point) {
    return points.isEmpty() || !Boolean.TRUE.equals(points.replace(point, true));
  }

  private FilePath pointOf(FilePath path) {
    FilePath longest = null;
    for (FilePath point : points.keySet()) {
      if (isWithin(path, point) && (longest == null || point.length() > longest.length())) {
        longest = point;
      }
    }
    return longest;
  }

  /** Whether a path is another one or lies below it. */
  static boolean isWithin(FilePath path, FilePath top) {
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

package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which files the programs of a plan have been: a program that was replaced still runs, and one
 * that was renamed is still what it was. Not thread-safe.
 */
final class Programs {
  // The newest of each: whoever can replace a program without end can as well copy it.
  private static final int MOST = 16;

  private final Map<FilePath, List<ObjectId>> known = new HashMap<>();

  /** Takes note of what is at a path now. */
  void found(FilePath path, ObjectId id) {
    List<ObjectId> ids = known.computeIfAbsent(path, p -> new ArrayList<>());
    ids.remove(id);
    ids.add(id);
    if (ids.size() > MOST) {
      ids.remove(0);
    }
  }

  /** All that was found at a path since it was first asked for. */
  List<ObjectId> at(FilePath path) {
    return List.copyOf(known.getOrDefault(path, List.of()));
  }

  /** Forgets all other paths. */
  void retain(Collection<FilePath> paths) {
    known.keySet().retainAll(paths);
  }
}

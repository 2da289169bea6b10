package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Keeps a file from being told twice: once by the kernel, because its directory was already
 * watched, and once by the listing that follows.
 */
final class Told {
  private final Map<Integer, Set<FilePath>> byKernel = new HashMap<>();
  private final Map<Integer, Set<FilePath>> byListing = new HashMap<>();

  /** The kernel told of a name in a directory whose listing is still to come. */
  void byKernel(int place, FilePath name) {
    byKernel.computeIfAbsent(place, p -> new HashSet<>()).add(name);
  }

  /** A listing found a name; returns whether it is to be told. */
  boolean firstByListing(int place, FilePath name) {
    return !byKernel.getOrDefault(place, Set.of()).contains(name)
        && byListing.computeIfAbsent(place, p -> new HashSet<>()).add(name);
  }

  /** Whether the kernel tells of the appearance of something that a listing has told already. */
  boolean repeatsListing(int place, FilePath name) {
    Set<FilePath> names = byListing.get(place);
    return names != null && names.remove(name);
  }

  /** A place is released: the next directory that gets its number is another. */
  void forget(int place) {
    if (!byListing.isEmpty()) {
      byListing.remove(place);
    }
    if (!byKernel.isEmpty()) {
      byKernel.remove(place);
    }
  }

  /** The kernel's queue is empty: whatever a listing found is not going to be told again. */
  void queueIsEmpty() {
    if (!byListing.isEmpty()) {
      byListing.clear();
    }
  }

  /** No listing is to come. */
  void listingsAreDone() {
    if (!byKernel.isEmpty()) {
      byKernel.clear();
    }
  }
}

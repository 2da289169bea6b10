package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps a file from being told twice: once by the kernel, because its directory was already
 * watched, and once by the listing that follows.
 */
final class Told {
  private record Entry(int place, FilePath name) {}

  private final Set<Entry> byKernel = new HashSet<>();
  private final Set<Entry> byListing = new HashSet<>();

  /** The kernel told of a name in a directory whose listing is still to come. */
  void byKernel(int place, FilePath name) {
    byKernel.add(new Entry(place, name));
  }

  /** A listing found a name; returns whether it is to be told. */
  boolean firstByListing(int place, FilePath name) {
    Entry entry = new Entry(place, name);
    return !byKernel.contains(entry) && byListing.add(entry);
  }

  /** Whether the kernel tells of the appearance of something that a listing has told already. */
  boolean repeatsListing(int place, FilePath name) {
    return !byListing.isEmpty() && byListing.remove(new Entry(place, name));
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

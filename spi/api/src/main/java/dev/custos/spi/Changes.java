package dev.custos.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The difference between two plans, decided by {@code equals} and without I/O. Each list keeps the
 * order of the plan that it comes from; an element given twice counts once.
 *
 * @param removed in the old plan alone
 * @param kept in both
 * @param added in the desired plan alone
 */
public record Changes<T>(List<T> removed, List<T> kept, List<T> added) {
  public Changes {
    removed = List.copyOf(removed);
    kept = List.copyOf(kept);
    added = List.copyOf(added);
  }

  public static <T> Changes<T> between(
      Collection<? extends T> old, Collection<? extends T> desired) {
    Set<T> before = new LinkedHashSet<>(old);
    Set<T> after = new LinkedHashSet<>(desired);
    List<T> removed = new ArrayList<>();
    List<T> kept = new ArrayList<>();
    List<T> added = new ArrayList<>();
    for (T item : before) {
      (after.contains(item) ? kept : removed).add(item);
    }
    for (T item : after) {
      if (!before.contains(item)) {
        added.add(item);
      }
    }
    return new Changes<>(removed, kept, added);
  }

  public boolean isEmpty() {
    return removed.isEmpty() && added.isEmpty();
  }
}

package dev.custos.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A growing list that threads can wait on. Waiting is on the monitor, so a test goes on the moment
 * that its condition holds.
 */
final class Recording<T> {
  private static final int SHOWN_ON_FAILURE = 200;

  private final List<T> items = new ArrayList<>();

  synchronized void add(T item) {
    items.add(item);
    notifyAll();
  }

  synchronized void addAll(List<? extends T> more) {
    items.addAll(more);
    notifyAll();
  }

  synchronized void clear() {
    items.clear();
  }

  synchronized List<T> snapshot() {
    return List.copyOf(items);
  }

  /** The first item that matches, once there is one; an AssertionError when time is up. */
  T awaitItem(Predicate<? super T> wanted, Duration atMost, Function<T, String> show) {
    return awaitAll(
        list -> list.stream().filter(wanted).findFirst(),
        atMost,
        "no such item came within " + atMost,
        show);
  }

  /** What {@code answer} gives of the list, once it gives something. */
  synchronized <R> R awaitAll(
      Function<List<T>, Optional<R>> answer,
      Duration atMost,
      String complaint,
      Function<T, String> show) {
    long deadline = System.nanoTime() + atMost.toNanos();
    int seen = -1;
    while (true) {
      // A wake-up without news is not worth another look at a long list.
      if (items.size() != seen) {
        seen = items.size();
        Optional<R> found = answer.apply(List.copyOf(items));
        if (found.isPresent()) {
          return found.get();
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(complaint + "; what came:\n" + describe(show));
      }
      try {
        wait(left / 1_000_000 + 1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting: " + complaint, e);
      }
    }
  }

  private String describe(Function<T, String> show) {
    String shown =
        items.stream()
            .limit(SHOWN_ON_FAILURE)
            .map(show)
            .collect(Collectors.joining("\n  ", "  ", ""));
    return items.size() > SHOWN_ON_FAILURE
        ? shown + "\n  and " + (items.size() - SHOWN_ON_FAILURE) + " more"
        : shown;
  }
}

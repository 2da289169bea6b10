package dev.custos.agent.bootstrap;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes in the reverse order of opening, and keeps every failure. */
final class Closers implements AutoCloseable {
  private record Step(String what, Runnable action) {}

  private final Deque<Step> steps = new ArrayDeque<>();

  synchronized void add(String what, Runnable action) {
    steps.push(new Step(what, action));
  }

  /**
   * Runs every step once.
   *
   * @throws IllegalStateException afterwards, if any failed, with all failures
   */
  @Override
  public synchronized void close() {
    IllegalStateException failure = null;
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.action().run();
      } catch (RuntimeException | Error e) {
        IllegalStateException one =
            new IllegalStateException("closing " + step.what() + " failed: " + e, e);
        if (failure == null) {
          failure = one;
        } else {
          failure.addSuppressed(one);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

package dev.custos.spi;

/**
 * Hears of what changes between two plans: pending becomes active, a file system is unmounted, a
 * limit is reached. Thread-safe, never blocks, never throws.
 */
public interface Coverage {
  /** The state of a path of {@code target}'s plan is now this. */
  void changed(Target target, PathState state);
}

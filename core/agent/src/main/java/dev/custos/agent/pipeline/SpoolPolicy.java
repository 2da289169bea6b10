package dev.custos.agent.pipeline;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Where and how the events of one sink are written ahead.
 *
 * @param directory this sink's own; made if it is not there, with mode 0700
 * @param maxBytes how much of the disk it may take; beyond, the oldest events are dropped and
 *     reported as lost
 * @param maxAge how old an event may get in it; then it is dropped and reported as lost
 * @param fsync when what was written is made to last
 */
public record SpoolPolicy(Path directory, long maxBytes, Duration maxAge, Fsync fsync) {
  /** The smallest spool that still holds a few segments. */
  public static final long MIN_BYTES = 1L << 20;

  public static final Duration DEFAULT_AGE = Duration.ofDays(7);

  /** When fsync(2) is called: what it guards against is a crash of the machine. */
  public enum Fsync {
    /** Once for all events that came while the call before was under way; sent only after it. */
    BATCH,
    /** Never: a crash of the agent loses nothing more, one of the machine what was not on disk. */
    NONE,
    /** For each event by itself. */
    ALWAYS
  }

  public SpoolPolicy {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(fsync, "fsync");
    if (maxBytes < MIN_BYTES) {
      throw new IllegalArgumentException("a spool needs at least 1 MiB");
    }
    if (maxAge.isNegative() || maxAge.isZero()) {
      throw new IllegalArgumentException("the longest age must be more than 0");
    }
  }
}

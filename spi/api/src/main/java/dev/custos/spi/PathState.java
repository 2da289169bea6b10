package dev.custos.spi;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.Objects;

/**
 * How things stand with one path that a subject asked for.
 *
 * @param path as the subject wrote it
 * @param reason why it is not active, fit for a human: what, where, and the way out; or what an
 *     active one leaves out; empty if there is nothing to say
 */
public record PathState(Subject subject, FilePath path, State state, String reason) {
  /** Where a path stands. */
  public enum State {
    /** Watched or guarded as asked. */
    ACTIVE,
    /** Not there yet, or not yet done: becomes active by itself. */
    PENDING,
    /** Not watched or guarded; see the reason. The backend tries again when it may help. */
    FAILED
  }

  public PathState {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(reason, "reason");
  }

  public static PathState active(Subject subject, FilePath path) {
    return new PathState(subject, path, State.ACTIVE, "");
  }

  public static PathState pending(Subject subject, FilePath path, String reason) {
    return new PathState(subject, path, State.PENDING, reason);
  }

  public static PathState failed(Subject subject, FilePath path, String reason) {
    return new PathState(subject, path, State.FAILED, reason);
  }
}

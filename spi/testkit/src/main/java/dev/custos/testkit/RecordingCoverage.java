package dev.custos.testkit;

import dev.custos.spi.Coverage;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Keeps every change of a path's state, in order. Thread-safe. */
public final class RecordingCoverage implements Coverage {
  /** One call of {@link Coverage#changed}. */
  public record Change(Target target, PathState state) {}

  private final Recording<Change> recording = new Recording<>();

  @Override
  public void changed(Target target, PathState state) {
    recording.add(new Change(target, state));
  }

  /** What came up to now. */
  public List<Change> changes() {
    return recording.snapshot();
  }

  /** Forgets what came up to now. */
  public void clear() {
    recording.clear();
  }

  /**
   * The first change that matches; waits for it if it has not come yet.
   *
   * @throws AssertionError if none came in time; the message lists what did come
   */
  public Change awaitChange(Predicate<? super Change> wanted, Duration atMost) {
    return recording.awaitItem(wanted, atMost, change -> change.state().toString());
  }
}

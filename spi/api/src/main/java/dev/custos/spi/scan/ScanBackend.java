package dev.custos.spi.scan;

import dev.custos.spi.BackendException;
import dev.custos.spi.event.ScanCompleted;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Runs scans. Scans of one subject are serial; {@code cancel} and {@code progress} may be called
 * from any thread meanwhile.
 */
public interface ScanBackend extends AutoCloseable {
  /**
   * Runs one scan to its end, publishes each {@link dev.custos.spi.event.Finding}, and returns how
   * it ended. A scan that can't be done is an outcome, not an exception.
   *
   * @throws BackendException if the backend is dead
   */
  ScanCompleted run(ScanPlan plan) throws BackendException;

  /** Ends the running scan of this plan's subject soon; {@code run} then returns ERRORED. */
  void cancel(ScanPlan plan);

  /** How much of the running scan is done, 0 to 1, where that is known. */
  OptionalDouble progress(ScanPlan plan);

  /** The scanner's baseline, if it works with one. */
  Optional<Baseline> baseline();

  /** Cancels what runs and waits for it. A second call does nothing. */
  @Override
  void close();
}

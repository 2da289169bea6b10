package dev.custos.spi;

/**
 * Keeps the kernel in the state that plans describe, one target at a time. See the package's
 * promises for threads and errors.
 *
 * @param <P> the plan: one target's whole desired state
 */
public interface Backend<P> extends AutoCloseable {
  /**
   * Makes the kernel's state that of {@code desired} for its target and returns when that is done.
   * A step that takes long tells {@link Coverage} each second how far it came.
   *
   * @throws BackendException if the backend is dead
   */
  ApplyReport apply(P desired) throws BackendException;

  /**
   * Reads back what the kernel has, for the periodic comparison. Any thread, at any time before
   * {@code close}; waits for running {@code apply} calls if it must.
   */
  Inspection inspect();

  /** Lets go of everything in the kernel and ends every thread. A second call does nothing. */
  @Override
  void close();
}

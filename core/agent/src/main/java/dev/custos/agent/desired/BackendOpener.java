package dev.custos.agent.desired;

import dev.custos.spi.Backend;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;

/**
 * Opens the same backend again, at the start and after each death.
 *
 * @param <P> its plan
 */
public interface BackendOpener<P> {
  Backend<P> open(Coverage coverage) throws BackendException;

  /** Why a backend could not be opened, or what it died of. */
  static String reason(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof BackendException && message != null
        ? message
        : failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}

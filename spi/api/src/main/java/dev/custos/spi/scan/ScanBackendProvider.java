package dev.custos.spi.scan;

import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import org.pf4j.ExtensionPoint;

/** Makes scan backends. The host makes one instance of a provider, for all its roles. */
public interface ScanBackendProvider extends ExtensionPoint {
  /** The name that a configuration calls it by: {@code aide}. */
  String name();

  /** Finds out by trying whether this works here. Never throws; keeps the reason. */
  Availability probe();

  /**
   * Makes a backend that has no plan yet.
   *
   * @throws BackendException with a message that says what failed and why
   */
  ScanBackend open(BackendContext context) throws BackendException;
}

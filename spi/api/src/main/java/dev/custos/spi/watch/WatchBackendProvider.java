package dev.custos.spi.watch;

import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import org.pf4j.ExtensionPoint;

/** Makes watch backends. The host makes one instance of a provider, for all its roles. */
public interface WatchBackendProvider extends ExtensionPoint {
  /** The name that a configuration calls it by: {@code inotify}. */
  String name();

  /** Finds out by trying whether this works here. Never throws; keeps the reason. */
  Availability probe();

  Capabilities capabilities();

  /**
   * Makes a backend that has no plan yet.
   *
   * @throws BackendException with a message that says what failed and why
   */
  WatchBackend open(BackendContext context) throws BackendException;
}

package dev.custos.spi.guard;

import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.event.PermissionKind;
import java.util.Set;
import org.pf4j.ExtensionPoint;

/** Makes guard backends. The host makes one instance of a provider, for all its roles. */
public interface GuardBackendProvider extends ExtensionPoint {
  /** The name that a configuration calls it by: {@code fanotify}. */
  String name();

  /** Finds out by trying whether this works here. Never throws; keeps the reason. */
  Availability probe();

  /** What it can be asked to decide about. */
  Set<PermissionKind> kinds();

  /**
   * Makes a backend that has no plan yet.
   *
   * @throws BackendException with a message that says what failed and why
   */
  GuardBackend open(BackendContext context) throws BackendException;
}

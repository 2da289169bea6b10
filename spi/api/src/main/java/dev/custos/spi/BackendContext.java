package dev.custos.spi;

import com.typesafe.config.Config;
import java.time.Clock;
import java.util.concurrent.ThreadFactory;

/** What the host lends a backend for its whole life. Every method is thread-safe. */
public interface BackendContext {
  /** The backend's own part of the configuration, with its defaults filled in. */
  Config config();

  EventPublisher events();

  Coverage coverage();

  /** Makes named threads that the host keeps track of. */
  ThreadFactory threads();

  /** The time of events. Tests move it by hand. */
  Clock clock();
}

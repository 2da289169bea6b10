package dev.custos.spi.sink;

import com.typesafe.config.Config;
import java.time.Clock;

/** What the host lends a sink for its whole life. Every method is thread-safe. */
public interface SinkContext {
  /** The name that the configuration gives this sink: {@code siem}. */
  String name();

  /** The sink's own part of the configuration: all of its keys but those that are the host's. */
  Config config();

  Clock clock();
}

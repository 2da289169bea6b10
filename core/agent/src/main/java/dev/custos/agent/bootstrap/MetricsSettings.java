package dev.custos.agent.bootstrap;

import java.util.Optional;

/**
 * The endpoint for metrics, health and status.
 *
 * @param address where it listens; empty for nowhere
 * @param asked whether somebody chose that address: then it has to be free, while a second agent
 *     that only has the default goes on without
 */
public record MetricsSettings(Optional<HostPort> address, boolean asked) {
  /** What stands for nowhere. */
  public static final String OFF = "off";

  static final String EXPECTED = "off, or HOST:PORT such as 127.0.0.1:9464";

  /** What is in force where nothing else is said. */
  public static final MetricsSettings DEFAULT =
      new MetricsSettings(Optional.of(new HostPort("127.0.0.1", 9464)), false);

  /** No endpoint. */
  public static final MetricsSettings NONE = new MetricsSettings(Optional.empty(), false);

  /**
   * Reads {@code off} or {@code HOST:PORT}; port 0 leaves the choice to the kernel.
   *
   * @return empty if it is neither
   */
  public static Optional<MetricsSettings> parse(String text) {
    return text.equals(OFF)
        ? Optional.of(NONE)
        : HostPort.parse(text, 0).map(address -> new MetricsSettings(Optional.of(address), true));
  }
}

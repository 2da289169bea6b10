package dev.custos.agent.plugin;

import dev.custos.spi.Availability;

/**
 * A backend that a plugin provides, and whether it works here.
 *
 * @param name what a configuration calls it by
 */
public record ProbedBackend(String name, Role role, Availability availability) {
  /** What a backend is for. */
  public enum Role {
    WATCH,
    GUARD,
    SCAN
  }
}

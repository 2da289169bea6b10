package dev.custos.controller.server;

import java.time.Duration;

/**
 * What connections may take before anybody has proven who they are.
 *
 * @param inAll connections at a time
 * @param fromOneAddress connections at a time
 * @param handshake for TLS to be agreed on
 * @param idle for a connection to be without a stream
 * @param keepAlive after which a connection that is silent is asked for a sign of life
 * @param keepAliveTimeout how long that may take
 */
public record ConnectionLimits(
    int inAll,
    int fromOneAddress,
    Duration handshake,
    Duration idle,
    Duration keepAlive,
    Duration keepAliveTimeout) {
  /**
   * Agents have one connection each, and a second one only before the first was found dead: twice
   * the 5,000 nodes that a cluster may have. From one address many may come only where addresses
   * are translated.
   */
  public static final ConnectionLimits USUAL =
      new ConnectionLimits(
          10_000,
          1_000,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));
}

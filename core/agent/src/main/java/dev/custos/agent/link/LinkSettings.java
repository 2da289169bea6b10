package dev.custos.agent.link;

import java.time.Duration;

/**
 * Where the controller is, and how patiently it is looked for.
 *
 * @param host a name or an address
 * @param node what this node is called in the cluster
 * @param version the product's
 * @param shortestPause before a broken stream is opened again; above zero
 * @param longestPause what pauses grow to while it does not come back
 */
public record LinkSettings(
    String host,
    int port,
    String node,
    String version,
    Duration shortestPause,
    Duration longestPause) {
  /** With the usual pauses, 1 s to 30 s. */
  public static LinkSettings of(String host, int port, String node, String version) {
    return new LinkSettings(
        host, port, node, version, Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  String address() {
    return host + ":" + port;
  }
}

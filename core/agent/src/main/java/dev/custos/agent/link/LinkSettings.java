package dev.custos.agent.link;

import java.time.Duration;

/**
 * Where the controller is, and how patiently it is looked for.
 *
 * @param host a name or an address, an IPv6 address without brackets
 * @param node what this node is called in the cluster
 * @param version the product's
 * @param patience how long it is waited for what
 * @param inspection how often the kernel is compared with what it should have; zero for never
 * @param security how both ends know each other
 */
public record LinkSettings(
    String host,
    int port,
    String node,
    String version,
    Patience patience,
    Duration inspection,
    LinkSecurity security) {
  /** With the usual patience. */
  public static LinkSettings of(
      String host,
      int port,
      String node,
      String version,
      Duration inspection,
      LinkSecurity security) {
    return new LinkSettings(host, port, node, version, Patience.USUAL, inspection, security);
  }

  /**
   * How long it is waited for what.
   *
   * @param shortestPause before a broken stream is opened again; above zero
   * @param longestPause what pauses grow to while it does not come back
   * @param keepAlive after which a connection that is silent is asked for a sign of life; gRPC
   *     takes 10 s for less
   * @param keepAliveTimeout how long that may take
   */
  public record Patience(
      Duration shortestPause,
      Duration longestPause,
      Duration keepAlive,
      Duration keepAliveTimeout) {
    static final Patience USUAL =
        new Patience(
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));
  }

  /** As RFC 3986 writes it. */
  String address() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

package dev.custos.agent.link;

import java.time.Duration;

/**
 * Where the controller is, and how patiently it is looked for.
 *
 * @param host a name or an address, an IPv6 address without brackets
 * @param node what this node is called in the cluster
 * @param version the product's
 * @param shortestPause before a broken stream is opened again; above zero
 * @param longestPause what pauses grow to while it does not come back
 * @param inspection how often the kernel is compared with what it should have; zero for never
 * @param security how both ends know each other
 */
public record LinkSettings(
    String host,
    int port,
    String node,
    String version,
    Duration shortestPause,
    Duration longestPause,
    Duration inspection,
    LinkSecurity security) {
  /** With the usual pauses, 1 s to 30 s. */
  public static LinkSettings of(
      String host,
      int port,
      String node,
      String version,
      Duration inspection,
      LinkSecurity security) {
    return new LinkSettings(
        host,
        port,
        node,
        version,
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        inspection,
        security);
  }

  /** As RFC 3986 writes it. */
  String address() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

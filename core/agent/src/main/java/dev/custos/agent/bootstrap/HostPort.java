package dev.custos.agent.bootstrap;

import java.util.Optional;

/**
 * Where something listens.
 *
 * @param host a name or an address, an IPv6 address without brackets
 */
public record HostPort(String host, int port) {
  private static final int HIGHEST_PORT = 65535;

  /**
   * Reads {@code HOST:PORT}, and {@code [ADDRESS]:PORT} for an IPv6 address, as RFC 3986 writes it.
   *
   * @param leastPort 0 where the kernel may choose one
   * @return empty if it is something else
   */
  public static Optional<HostPort> parse(String text, int leastPort) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    String digits = text.substring(colon + 1);
    if (host.isEmpty() || !digits.matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    int port = Integer.parseInt(digits);
    return port >= leastPort && port <= HIGHEST_PORT
        ? Optional.of(new HostPort(host, port))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

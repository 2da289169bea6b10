package dev.custos.sinks.connect;

import dev.custos.spi.event.Printable;
import java.util.Optional;

/**
 * Where a server listens: a name or an address, and a port.
 *
 * @param host without the brackets of an IPv6 address
 */
public record Address(String host, int port) {
  // RFC 1035: 253 characters at most; an IPv6 address with its zone is shorter.
  private static final int LONGEST = 255;

  /** Reads {@code host:port} or {@code [::1]:port}; empty if it is neither. */
  public static Optional<Address> parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() - colon > 6) {
      return Optional.empty();
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
      if (host.indexOf(':') < 0) {
        return Optional.empty();
      }
    } else if (host.indexOf(':') >= 0) {
      return Optional.empty();
    }
    String digits = text.substring(colon + 1);
    boolean number = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    boolean name = !host.isEmpty() && host.length() <= LONGEST && isName(host);
    if (!number || !name) {
      return Optional.empty();
    }
    int port = Integer.parseInt(digits);
    return port < 1 || port > 65_535 ? Optional.empty() : Optional.of(new Address(host, port));
  }

  private static boolean isName(String host) {
    return host.chars().allMatch(c -> c > ' ' && c < 0x7f && "/@?#[]\"\\".indexOf(c) < 0);
  }

  /** As it is written in a configuration. */
  @Override
  public String toString() {
    String shown = Printable.escape(host);
    return (shown.indexOf(':') < 0 ? shown : "[" + shown + "]") + ":" + port;
  }
}

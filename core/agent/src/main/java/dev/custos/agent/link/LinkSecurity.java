package dev.custos.agent.link;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How the controller is known, and how the agent proves itself to it. */
public sealed interface LinkSecurity {
  /** Neither: whoever answers is believed, and whoever listens hears all. */
  record PlainText() implements LinkSecurity {}

  /**
   * TLS 1.3. Files are read anew for each connection, so what replaces them is seen.
   *
   * @param ca certificates of the authorities to trust, PEM; these alone
   * @param token what the agent proves itself with
   * @param serverName what the controller's certificate must be for; empty for the name or address
   *     that is connected to
   * @param renewal how often the token's file is looked at while a stream stands
   */
  record Tls(Path ca, Path token, Optional<String> serverName, Duration renewal)
      implements LinkSecurity {
    /** With the usual renewal: a kubelet writes a new token when a fifth of its time is left. */
    public static Tls of(Path ca, Path token, Optional<String> serverName) {
      return new Tls(ca, token, serverName, Duration.ofSeconds(30));
    }
  }
}

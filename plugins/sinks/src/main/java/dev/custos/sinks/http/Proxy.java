package dev.custos.sinks.http;

import dev.custos.sinks.config.Options;
import dev.custos.spi.sink.SinkException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The proxy that requests go through: {@code http} requests whole, and {@code https} through a
 * tunnel that it is asked for with {@code CONNECT} (RFC 9110, section 9.3.6).
 *
 * @param address looked up anew for each connection
 */
record Proxy(InetSocketAddress address, Optional<Authorization> authorization) {
  /** A proxy that wants to know who asks; RFC 9110, section 15.5.8. */
  static final int AUTHENTICATION_REQUIRED = 407;

  /** Schemes that the JDK's client does not use towards a proxy that is to make a tunnel. */
  private static final String NO_TUNNEL = "jdk.http.auth.tunneling.disabledSchemes";

  private static final Pattern BASIC =
      Pattern.compile("(^|,)\\s*basic\\s*(,|$)", Pattern.CASE_INSENSITIVE);

  /** Reads {@code proxy} and {@code proxy-auth}. */
  static Optional<Proxy> of(Options options, URI url) throws SinkException {
    Options auth = options.section("proxy-auth");
    Optional<Authorization> authorization = Authorization.ofProxy(auth);
    if (!options.has("proxy")) {
      if (authorization.isPresent()) {
        throw auth.wrong("user", "is for a proxy, and there is none; set proxy = \"http://...\"");
      }
      return Optional.empty();
    }
    if (authorization.isPresent() && url.getScheme().equalsIgnoreCase("https")) {
      checkTunnel(auth);
    }
    return Optional.of(new Proxy(address(options), authorization));
  }

  /** The JDK's client would leave the password out, and nobody could tell why it is refused. */
  private static void checkTunnel(Options auth) throws SinkException {
    // Not set, it is "Basic": that is in the JDK's conf/net.properties.
    if (BASIC.matcher(System.getProperty(NO_TUNNEL, "Basic")).find()) {
      throw auth.wrong(
          "user",
          "this JVM sends no password to a proxy for https; start it with -D"
              + NO_TUNNEL
              + "= (bin/custos does, unless CUSTOS_JAVA_OPTS says otherwise)");
    }
  }

  private static InetSocketAddress address(Options options) throws SinkException {
    String expected = "expected http://HOST:PORT";
    try {
      URI proxy = new URI(options.text("proxy"));
      boolean bare =
          proxy.getRawUserInfo() == null
              && proxy.getRawQuery() == null
              && (proxy.getRawPath().isEmpty() || proxy.getRawPath().equals("/"));
      if ("http".equalsIgnoreCase(proxy.getScheme())
          && proxy.getHost() != null
          && proxy.getPort() > 0
          && proxy.getPort() < 65536
          && bare) {
        return InetSocketAddress.createUnresolved(proxy.getHost(), proxy.getPort());
      }
    } catch (URISyntaxException e) {
      // Without the text: it may hold a password.
      throw options.wrong("proxy", "is no address; " + expected);
    }
    throw options.wrong(
        "proxy", expected + ", without user, password or path; proxy-auth { ... } is for these");
  }

  /** {@code host:port}, for errors. */
  String place() {
    return address.getHostString() + ":" + address.getPort();
  }
}

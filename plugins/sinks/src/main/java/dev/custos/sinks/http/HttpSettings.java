package dev.custos.sinks.http;

import dev.custos.sinks.config.Options;
import dev.custos.sinks.tls.ClientTls;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is configured, checked.
 *
 * @param maxRequestBytes how long a body may be, before compression
 * @param maxRetryAfter the longest wait that a server can ask for
 * @param retryStatuses statuses that are retried though they would be final
 */
record HttpSettings(
    URI url,
    boolean gzip,
    int maxRequestBytes,
    int maxRequestEvents,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration maxRetryAfter,
    Set<Integer> retryStatuses,
    String userAgent,
    Map<String, String> headers,
    Optional<Proxy> proxy,
    Optional<Authorization> authorization,
    Optional<ClientTls> tls,
    Path deadLetterDirectory,
    long deadLetterBytes) {
  /** What only {@code _bulk} needs of an answer, so that answers are short. */
  private static final String BULK_FILTER =
      "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";

  static HttpSettings of(Options options, Encoding encoding) throws SinkException {
    URI url = url(options, encoding);
    Options deadLetters = options.section("dead-letter");
    return new HttpSettings(
        url,
        options.word("compression", "none", "gzip").equals("gzip"),
        (int) options.bytes("max-request-bytes", 1024, 64 << 20),
        options.number("max-request-events", 1, 1_000_000),
        options.duration("connect-timeout", Duration.ofMillis(1), Duration.ofMinutes(5)),
        options.duration("request-timeout", Duration.ofMillis(1), Duration.ofMinutes(10)),
        options.duration("max-retry-after", Duration.ZERO, Duration.ofDays(1)),
        Set.copyOf(options.numbers("retry-statuses", 400, 499)),
        headerValue(options, "user-agent"),
        headers(options.section("headers")),
        Proxy.of(options, url),
        Authorization.of(options.section("auth")),
        tls(options, url),
        deadLetterDirectory(deadLetters),
        deadLetters.bytes("max-bytes", 4096, 1L << 40));
  }

  private static URI url(Options options, Encoding encoding) throws SinkException {
    String expected = "expected an address, such as https://logs.example/events";
    if (!options.has("url")) {
      throw options.wrong("url", "is missing; " + expected);
    }
    String text = options.text("url");
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      // Without the text: it may hold a password.
      throw options.wrong("url", "is no address: " + e.getReason() + "; " + expected);
    }
    if (url.getRawUserInfo() != null || (url.getHost() == null && text.contains("@"))) {
      throw options.wrong(
          "url",
          "holds a user or password, which must not stand here; use auth { type = basic, ... }");
    }
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw options.wrong("url", "is neither http:// nor https://; " + expected);
    }
    if (url.getHost() == null) {
      throw options.wrong("url", "names no host; " + expected);
    }
    if (url.getRawFragment() != null) {
      throw options.wrong("url", "has a part after #, which is never sent; leave it out");
    }
    return complete(url, encoding);
  }

  /** With the encoding's own path if there is none, and with the filter for answers. */
  private static URI complete(URI url, Encoding encoding) {
    String path = url.getRawPath();
    String query = url.getRawQuery();
    if (path == null || path.isEmpty() || path.equals("/")) {
      path = encoding.defaultPath();
    }
    if (encoding instanceof BulkEncoding && (query == null || !query.contains("filter_path="))) {
      query = query == null ? BULK_FILTER : query + "&" + BULK_FILTER;
    }
    return URI.create(
        url.getScheme()
            + "://"
            + url.getRawAuthority()
            + path
            + (query == null ? "" : "?" + query));
  }

  private static String headerValue(Options options, String key) throws SinkException {
    String value = options.text(key);
    if (!HeaderRules.isValue(value)) {
      throw options.wrong(key, "expected visible ASCII characters on one line");
    }
    return value;
  }

  private static Map<String, String> headers(Options section) throws SinkException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : section.keys()) {
      if (!HeaderRules.isName(name)) {
        throw section.wrong(name, "\"" + Printable.escape(name) + "\" can't be a header's name");
      }
      if (HeaderRules.isSecret(name)) {
        throw section.wrong(
            name, "holds a secret, which must not stand here; use auth { type = header, ... }");
      }
      if (HeaderRules.isOurs(name)) {
        throw section.wrong(name, "is set by the sink itself; leave it out");
      }
      headers.put(name, headerValue(section, name));
    }
    return headers;
  }

  private static Optional<ClientTls> tls(Options options, URI url) throws SinkException {
    if (!url.getScheme().equalsIgnoreCase("https")) {
      return Optional.empty();
    }
    return Optional.of(ClientTls.open(options.section("tls")));
  }

  private static Path deadLetterDirectory(Options section) throws SinkException {
    Optional<Path> directory = section.file("directory");
    if (directory.isEmpty()
        || !directory.get().isAbsolute()
        || directory.get().getParent() == null) {
      throw section.wrong("directory", "expected a path that begins with /");
    }
    return directory.get();
  }

  /** The address without its query, which may hold a secret. */
  String shownUrl() {
    return Printable.escape(url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath());
  }
}

package dev.custos.sinks.http;

import java.util.Locale;
import java.util.Set;

/** What may stand in a request's header; RFC 9110, section 5. */
final class HeaderRules {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  /** What the client or the sink sets itself; another value would break the message's framing. */
  private static final Set<String> OURS =
      Set.of(
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "idempotency-key",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  /** What holds secrets, and is set by {@code auth}. */
  private static final Set<String> SECRET =
      Set.of("authorization", "proxy-authorization", "cookie");

  private HeaderRules() {}

  static boolean isName(String name) {
    return !name.isEmpty()
        && name.chars()
            .allMatch(
                c ->
                    (c >= '0' && c <= '9')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= 'a' && c <= 'z')
                        || TOKEN_MARKS.indexOf(c) >= 0);
  }

  static boolean isOurs(String name) {
    return OURS.contains(name.toLowerCase(Locale.ROOT));
  }

  static boolean isSecret(String name) {
    return SECRET.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Visible ASCII with blanks and tabs between: no line end, so no second header. */
  static boolean isValue(String value) {
    return value.equals(value.strip())
        && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f));
  }
}

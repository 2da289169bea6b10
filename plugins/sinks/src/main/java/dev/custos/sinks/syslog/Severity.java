package dev.custos.sinks.syslog;

import java.util.Locale;
import java.util.stream.Stream;

/** How much a message matters: RFC 5424, section 6.2.1. */
enum Severity {
  EMERGENCY(0),
  ALERT(1),
  CRITICAL(2),
  ERROR(3),
  WARNING(4),
  NOTICE(5),
  INFORMATIONAL(6),
  DEBUG(7);

  private final int code;

  Severity(int code) {
    this.code = code;
  }

  /** The number in a message. */
  int code() {
    return code;
  }

  /** The words that a configuration may hold. */
  static String[] words() {
    return Stream.of(values()).map(Severity::word).toArray(String[]::new);
  }

  static Severity of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

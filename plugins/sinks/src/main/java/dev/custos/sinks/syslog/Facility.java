package dev.custos.sinks.syslog;

import java.util.Locale;
import java.util.stream.Stream;

/** What part of a system speaks: RFC 5424, section 6.2.1. */
enum Facility {
  KERN(0),
  USER(1),
  MAIL(2),
  DAEMON(3),
  AUTH(4),
  SYSLOG(5),
  LPR(6),
  NEWS(7),
  UUCP(8),
  CRON(9),
  AUTHPRIV(10),
  FTP(11),
  NTP(12),
  AUDIT(13),
  ALERT(14),
  CLOCK(15),
  LOCAL0(16),
  LOCAL1(17),
  LOCAL2(18),
  LOCAL3(19),
  LOCAL4(20),
  LOCAL5(21),
  LOCAL6(22),
  LOCAL7(23);

  private final int code;

  Facility(int code) {
    this.code = code;
  }

  /** The number in a message. */
  int code() {
    return code;
  }

  /** The words that a configuration may hold. */
  static String[] words() {
    return Stream.of(values()).map(Facility::word).toArray(String[]::new);
  }

  static Facility of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

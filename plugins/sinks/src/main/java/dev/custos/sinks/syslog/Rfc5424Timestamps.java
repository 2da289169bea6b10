package dev.custos.sinks.syslog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * TIMESTAMP of RFC 5424, section 6.2.3, in UTC with all six digits of a second that it may have.
 * Events of one read bear the same instant, and those of one second the same beginning.
 */
final class Rfc5424Timestamps {
  // RFC 3339 knows years of four digits only.
  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'.000000Z'").withZone(ZoneOffset.UTC);
  private static final int DIGITS_END = 26;

  private Instant last;
  private long second = Long.MIN_VALUE;
  private byte[] text = {'-'};

  /** The text of an instant; good until the next call. */
  byte[] of(Instant time) {
    if (time.equals(last)) {
      return text;
    }
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      return new byte[] {'-'};
    }
    if (time.getEpochSecond() != second) {
      text = SECONDS.format(time).getBytes(StandardCharsets.US_ASCII);
      second = time.getEpochSecond();
    }
    int micros = time.getNano() / 1000;
    for (int i = DIGITS_END - 1; i >= DIGITS_END - 6; i--) {
      text[i] = (byte) ('0' + micros % 10);
      micros /= 10;
    }
    last = time;
    return text;
  }
}

package dev.custos.sinks.json;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Times as RFC 3339 text with nine digits of a second. Events of one read bear the same instant,
 * and those of one second the same beginning, so little is done for each. Not thread-safe.
 */
final class Timestamps {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  private Instant last;
  private long second = Long.MIN_VALUE;
  private byte[] text = new byte[0];

  /** The text of an instant; good until the next call. */
  byte[] of(Instant time) {
    if (!time.equals(last)) {
      if (time.getEpochSecond() != second) {
        byte[] beginning = SECONDS.format(time).getBytes(StandardCharsets.US_ASCII);
        text = Arrays.copyOf(beginning, beginning.length + 11);
        text[beginning.length] = '.';
        text[text.length - 1] = 'Z';
        second = time.getEpochSecond();
      }
      int nanos = time.getNano();
      for (int i = text.length - 2; i > text.length - 11; i--) {
        text[i] = (byte) ('0' + nanos % 10);
        nanos /= 10;
      }
      last = time;
    }
    return text;
  }
}

package dev.custos.sinks.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The field {@code Retry-After} of RFC 9110, section 10.2.3: seconds, or a date. */
final class RetryAfter {
  private static final int LONGEST = 64;

  // RFC 9110, section 5.6.7: the one to send, and the two that a recipient must still take.
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH),
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-uu HH:mm:ss 'GMT'", Locale.ENGLISH),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH));

  private RetryAfter() {}

  /**
   * How long to wait, from nothing to {@code most}.
   *
   * @return empty if the field says nothing that can be understood
   */
  static Optional<Duration> parse(String field, Instant now, Duration most) {
    String text = field.strip();
    if (text.isEmpty() || text.length() > LONGEST) {
      return Optional.empty();
    }
    if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // A number with more digits than a long holds is a long wait, too.
      Duration asked = text.length() > 9 ? most : Duration.ofSeconds(Long.parseLong(text));
      return Optional.of(bounded(asked, most));
    }
    return DATES.stream()
        .flatMap(format -> date(text, format).stream())
        .findFirst()
        .map(until -> bounded(Duration.between(now, until), most));
  }

  private static Optional<Instant> date(String text, DateTimeFormatter format) {
    try {
      return Optional.of(LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      // Another format may fit; that none does is an answer, too.
      return Optional.empty();
    }
  }

  private static Duration bounded(Duration asked, Duration most) {
    if (asked.isNegative()) {
      return Duration.ZERO;
    }
    return asked.compareTo(most) > 0 ? most : asked;
  }
}

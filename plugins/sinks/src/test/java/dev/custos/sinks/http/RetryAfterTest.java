package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Duration MOST = Duration.ofMinutes(5);

  /** RFC 9110's own example of a date, in its three forms. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 2044 08:49:37 GMT",
        "Sunday, 06-Nov-44 08:49:37 GMT",
        "Sun Nov  6 08:49:37 2044"
      })
  void aDateIsTheTimeUntilThen(String date) {
    Instant now = Instant.parse("2044-11-06T08:49:07Z");

    assertThat(RetryAfter.parse(date, now, MOST)).contains(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse(date, now.plusSeconds(60), MOST)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse(date, now.minusSeconds(9999), MOST)).contains(MOST);
  }

  @Test
  void secondsAreBounded() {
    Instant now = Instant.EPOCH;

    assertThat(RetryAfter.parse(" 120 ", now, MOST)).contains(Duration.ofMinutes(2));
    assertThat(RetryAfter.parse("0", now, MOST)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("301", now, MOST)).contains(MOST);
    assertThat(RetryAfter.parse("9".repeat(40), now, MOST)).contains(MOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "soon", "-5", "1.5", "0x10", "\u0661", "Sun, 99 Nov 2044 08:49:37 GMT"})
  void whatIsNeitherSaysNothing(String field) {
    assertThat(RetryAfter.parse(field, Instant.EPOCH, MOST)).isEmpty();
  }

  @Test
  void aLongFieldIsNotLookedAt() {
    assertThat(RetryAfter.parse("1".repeat(100_000), Instant.EPOCH, MOST)).isEmpty();
  }
}

package dev.custos.sinks.http;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads answers as Jazzer makes them up: each is understood or not, but there is no exception, no
 * hang, and nothing is shown that was not escaped. With {@code JAZZER_FUZZ=1} it looks for new
 * ones; without, it tries those that are kept beside it.
 */
class AnswersFuzzTest {
  private static final List<RenderedEvent> SENT = Sinks.events(1, 3);

  @FuzzTest(maxDuration = "60s")
  void anyAnswerIsJudged(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] body = Arrays.copyOfRange(data, 1, data.length);
    int choice = data[0] & 7;
    Answer answer =
        new Answer(choice % 2 == 0 ? 200 : 400, Optional.empty(), Optional.empty(), body, true);
    switch (choice) {
      case 0, 1, 2 -> assertSound(new BulkEncoding(Optional.empty()).accepted(answer, SENT));
      case 3 -> assertSound(splunk().refused(answer, SENT));
      case 4 -> assertSound(splunk().accepted(answer, SENT));
      case 5 -> skip(body);
      default -> retryAfter(new String(body, StandardCharsets.ISO_8859_1));
    }
  }

  private static HecEncoding splunk() {
    return new HecEncoding(new HecEncoding.Metadata("s", "t", Optional.empty()));
  }

  private static void skip(byte[] body) {
    try {
      new JsonReader(body).skip();
    } catch (JsonReader.Malformed e) {
      assertPrintable(e.getMessage());
    }
  }

  private static void retryAfter(String field) {
    Duration most = Duration.ofMinutes(5);
    RetryAfter.parse(field, Instant.EPOCH, most)
        .ifPresent(
            wait -> {
              if (wait.isNegative() || wait.compareTo(most) > 0) {
                throw new AssertionError("waits " + wait);
              }
            });
  }

  private static void assertSound(Verdict verdict) {
    if (verdict instanceof Verdict.ByItem byItem) {
      if (byItem.items().size() != SENT.size()) {
        throw new AssertionError("tells of " + byItem.items().size() + " events");
      }
      byItem.items().forEach(item -> assertPrintable(item.reason()));
    } else if (verdict instanceof Verdict.Refused refused) {
      assertPrintable(refused.reason());
    } else if (verdict instanceof Verdict.Later later) {
      assertPrintable(later.reason());
    }
  }

  private static void assertPrintable(String text) {
    if (text.codePoints().anyMatch(Printable::isInvisible)) {
      throw new AssertionError("not escaped: " + Printable.escape(text));
    }
  }
}

package dev.custos.sinks.http;

import dev.custos.spi.event.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * What a server said to a request.
 *
 * @param retryAfter the field {@code Retry-After}, as it came
 * @param location the field {@code Location}, as it came
 * @param body the body, as far as it was read
 * @param whole whether that is all of it
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Answer(
    int status,
    Optional<String> retryAfter,
    Optional<String> location,
    byte[] body,
    boolean whole) {
  /** How much of a body is shown to people. Bytes. */
  private static final int EXCERPT = 512;

  Answer {
    Objects.requireNonNull(retryAfter, "retryAfter");
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(body, "body");
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** The beginning of the body; escaped. */
  String excerpt() {
    byte[] start = body.length > EXCERPT ? Arrays.copyOf(body, EXCERPT) : body;
    String text = new String(Printable.escape(start), StandardCharsets.UTF_8);
    return body.length > EXCERPT || !whole ? text + "..." : text;
  }

  /** {@code 400: {"error":"no such index"}}; escaped, on one line. */
  String summary() {
    return body.length == 0 ? Integer.toString(status) : status + ": " + excerpt();
  }
}

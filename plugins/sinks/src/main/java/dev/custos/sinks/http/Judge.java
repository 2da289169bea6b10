package dev.custos.sinks.http;

import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Decides what an answer means, by its status first and then by the API that gave it. */
final class Judge {
  private static final int REQUEST_TIMEOUT = 408;
  private static final int CONTENT_TOO_LARGE = 413;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private final Encoding encoding;
  private final HttpSettings settings;
  private final Clock clock;

  Judge(Encoding encoding, HttpSettings settings, Clock clock) {
    this.encoding = encoding;
    this.settings = settings;
    this.clock = clock;
  }

  Verdict of(Answer answer, List<RenderedEvent> sent) {
    int status = answer.status();
    if (answer.isSuccess()) {
      return encoding.accepted(answer, sent);
    }
    if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
      return new Verdict.Later(wait(answer), answer.summary());
    }
    if (status == CONTENT_TOO_LARGE) {
      return new Verdict.TooLarge(answer.summary());
    }
    if (status == Proxy.AUTHENTICATION_REQUIRED && settings.proxy().isPresent()) {
      return new Verdict.Later(Optional.empty(), unknownToProxy(settings.proxy().get()));
    }
    boolean refused = status >= 400 && status < 500 && status != REQUEST_TIMEOUT;
    if (refused && !settings.retryStatuses().contains(status)) {
      return encoding.refused(answer, sent);
    }
    return new Verdict.Later(
        Optional.empty(), status < 400 ? unexpected(answer) : answer.summary());
  }

  /** The server has not seen the events, so it can't have refused them. */
  private static String unknownToProxy(Proxy proxy) {
    String fault =
        proxy.authorization().isPresent()
            ? "does not take this user and password: see proxy-auth"
            : "wants a user and a password: set proxy-auth { user = ..., password = ... }";
    return "407, the proxy " + Printable.escape(proxy.place()) + " " + fault;
  }

  private Optional<Duration> wait(Answer answer) {
    return answer
        .retryAfter()
        .flatMap(field -> RetryAfter.parse(field, clock.instant(), settings.maxRetryAfter()));
  }

  private static String unexpected(Answer answer) {
    String location = answer.location().orElse("");
    if (location.isEmpty()) {
      return answer.status() + ", which is no answer to a POST";
    }
    // Bounded, and without what may be a secret.
    String shown = location.length() > 200 ? location.substring(0, 200) + "..." : location;
    return answer.status()
        + ", redirected to "
        + Printable.escape(shown)
        + "; redirects are not followed: put the right address into url";
  }
}

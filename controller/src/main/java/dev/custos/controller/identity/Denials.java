package dev.custos.controller.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens that were denied, and the addresses that they came from: so that a flood of bad tokens
 * ends here and not at the API server. Bounded: what is oldest is forgotten first. Thread-safe.
 */
final class Denials {
  /**
   * A token that was denied is not asked about again for so long. Not for longer: the API server
   * itself may not have heard yet of a pod that has just begun.
   */
  private static final Duration REMEMBERED = Duration.ofSeconds(10);

  /** How long an address's denials are counted. */
  private static final Duration COUNTED = Duration.ofSeconds(60);

  /** As many tokens of one address may be denied within that time; then all of it has to wait. */
  static final int PER_ADDRESS = 20;

  private static final int TOKENS_KEPT = 10_000;
  private static final int ADDRESSES_KEPT = 4096;

  private record Denial(String reason, Instant until) {}

  private static final class Window {
    private final Instant until;
    private int denials;

    Window(Instant until) {
      this.until = until;
    }
  }

  private static final class Oldest<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1;
    private final int kept;

    Oldest(int kept) {
      this.kept = kept;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > kept;
    }
  }

  private final Clock clock;
  private final Map<String, Denial> tokens = new Oldest<>(TOKENS_KEPT);
  private final Map<String, Window> addresses = new Oldest<>(ADDRESSES_KEPT);

  Denials(Clock clock) {
    this.clock = clock;
  }

  /** Why this very token was denied a moment ago. */
  synchronized Optional<String> remembered(String token) {
    String key = digest(token);
    Denial denial = tokens.get(key);
    if (denial == null || clock.instant().isBefore(denial.until())) {
      return Optional.ofNullable(denial).map(Denial::reason);
    }
    tokens.remove(key);
    return Optional.empty();
  }

  /** Whether so many tokens from there were denied that no other is looked at. */
  synchronized boolean isPutOff(String address) {
    Window window = addresses.get(address);
    return window != null
        && clock.instant().isBefore(window.until)
        && window.denials >= PER_ADDRESS;
  }

  synchronized void add(String token, String address, String reason) {
    Instant now = clock.instant();
    tokens.put(digest(token), new Denial(reason, now.plus(REMEMBERED)));
    Window window = addresses.get(address);
    if (window == null || !now.isBefore(window.until)) {
      addresses.remove(address);
      window = new Window(now.plus(COUNTED));
      addresses.put(address, window);
    }
    window.denials++;
  }

  // Not the token itself: what is no longer asked about need not lie in memory.
  private static String digest(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

package dev.custos.agent.watchdog;

import dev.custos.spi.event.Printable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the launcher says of the run before this one, which ended while files were guarded.
 *
 * @param since up to when that run gave signs of life; null if there was none
 * @param reason how it ended
 * @param quarantined digests of the plans that were in force each time, too often
 */
public record Restart(Instant since, String reason, Set<String> quarantined) {
  /** Nothing happened before. */
  public static final Restart NONE = new Restart(null, "", Set.of());

  static final String SINCE = "CUSTOS_RESTART_SINCE";
  static final String REASON = "CUSTOS_RESTART_REASON";
  static final String QUARANTINE = "CUSTOS_QUARANTINE";

  public Restart {
    quarantined = Set.copyOf(quarantined);
  }

  /** What the environment says. */
  static Restart of(Map<String, String> environment) {
    String micros = environment.getOrDefault(SINCE, "");
    Set<String> quarantined =
        Arrays.stream(environment.getOrDefault(QUARANTINE, "").split(" "))
            .filter(digest -> !digest.isEmpty())
            .collect(Collectors.toSet());
    if (!micros.matches("[0-9]{1,18}")) {
      return quarantined.isEmpty() ? NONE : new Restart(null, "", quarantined);
    }
    Instant since = Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS);
    return new Restart(since, Printable.escape(environment.getOrDefault(REASON, "")), quarantined);
  }
}

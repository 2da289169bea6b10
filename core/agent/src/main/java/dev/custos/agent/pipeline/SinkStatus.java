package dev.custos.agent.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How one sink stands.
 *
 * @param offered events that it was to get: those that its match let pass
 * @param queued events that wait for it, in memory and in its spool, those of a write that is not
 *     done yet among them
 * @param open whether it still gets events
 * @param spool how its spool stands, if it has one
 * @param oldest no event that waits is older; empty if none waits
 */
public record SinkStatus(
    String name,
    long offered,
    long queued,
    boolean open,
    SinkCounters counters,
    Optional<Spool> spool,
    Optional<Instant> oldest) {
  /** How old the oldest event that waits is at most, in seconds; 0 if none waits. */
  public long oldestSeconds(Instant now) {
    return oldest.map(time -> Math.max(0, Duration.between(time, now).toSeconds())).orElse(0L);
  }

  /**
   * How a spool stands.
   *
   * @param bytes what it takes of the disk
   * @param failing whether the disk refuses it now, so that events wait in memory
   */
  public record Spool(long bytes, boolean failing) {}
}

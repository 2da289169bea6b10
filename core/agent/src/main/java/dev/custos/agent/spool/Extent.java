package dev.custos.agent.spool;

import java.time.Instant;
import java.util.OptionalLong;

/** What a stretch of records holds. Not thread-safe. */
final class Extent {
  private long records;
  private long events;
  private boolean uncounted;
  private long firstSequence;
  private long lastSequence;
  private Instant firstTime;
  private Instant lastTime;

  /**
   * Takes note of one more record.
   *
   * @param stands for how many events it stands: 1, or a loss's count; negative if unknown
   */
  void add(long sequence, long stands, Instant time) {
    if (records == 0) {
      firstSequence = sequence;
      firstTime = time;
    }
    records++;
    events += Math.max(0, stands);
    uncounted |= stands < 0;
    lastSequence = sequence + Math.max(0, stands - 1);
    lastTime = time;
  }

  void add(Extent next) {
    if (next.records == 0) {
      return;
    }
    if (records == 0) {
      firstSequence = next.firstSequence;
      firstTime = next.firstTime;
    }
    records += next.records;
    events += next.events;
    uncounted |= next.uncounted;
    lastSequence = next.lastSequence;
    lastTime = next.lastTime;
  }

  void clear() {
    records = 0;
    events = 0;
    uncounted = false;
  }

  long records() {
    return records;
  }

  /** How many events these are; empty if a loss of unknown size is among them. */
  OptionalLong events() {
    return uncounted ? OptionalLong.empty() : OptionalLong.of(events);
  }

  long countedEvents() {
    return events;
  }

  long firstSequence() {
    return firstSequence;
  }

  long lastSequence() {
    return lastSequence;
  }

  /** Null if there is no record; so is {@link #lastTime}. */
  Instant firstTime() {
    return firstTime;
  }

  Instant lastTime() {
    return lastTime;
  }
}

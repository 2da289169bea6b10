package dev.custos.agent.spool;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Events that a spool can't give back any more.
 *
 * @param runId the run whose events they are
 * @param firstSequence where they would stand: the number of the first, as far as is known
 * @param lastSequence the last number that they may have
 * @param count how many they are; empty if that can't be known
 * @param from the latest moment up to which nothing is missing
 * @param to the moment from which on nothing is missing
 */
public record SpoolLoss(
    Cause cause,
    String runId,
    long firstSequence,
    long lastSequence,
    OptionalLong count,
    Instant from,
    Instant to) {
  /** Why they are missing. Stored by ordinal: new ones come last. */
  public enum Cause {
    /** The oldest events made room for new ones. */
    FULL("its spool was full; the oldest events were dropped"),
    /** They were older than the spool may keep them. */
    OLD("events in its spool became too old"),
    /** The file could not be read back, or its checksums differ. */
    DAMAGED("its spool is damaged"),
    /** Written by another version, or by a fault. */
    UNREADABLE("its spool holds what this version can't read"),
    /** The agent, or the machine, ended without stopping. */
    KILLED("the agent ended without stopping; what it had read and not yet spooled is missing"),
    /** At the stop they were in memory, for the disk could not be written. */
    UNWRITTEN("the agent stopped while its spool could not be written");

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    /** A clause for a human. */
    public String text() {
      return text;
    }
  }

  public SpoolLoss {
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(count, "count");
  }

  /** This and what came right after it, as one. */
  SpoolLoss and(SpoolLoss next) {
    OptionalLong sum =
        count.isPresent() && next.count.isPresent()
            ? OptionalLong.of(count.getAsLong() + next.count.getAsLong())
            : OptionalLong.empty();
    return new SpoolLoss(cause, runId, firstSequence, next.lastSequence, sum, from, next.to);
  }
}

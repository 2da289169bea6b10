package dev.custos.spi.sink;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What came of a batch. The first {@code done} events are dealt with: accepted, but for those
 * rejected. The host offers the others again, after {@code retryAfter} if that is given.
 *
 * @param done how many events, from the batch's start on, need not be offered again
 * @param rejected those among them that the receiver will never take
 * @param retryAfter how long the receiver asked to be left alone
 */
public record WriteResult(int done, List<Rejection> rejected, Optional<Duration> retryAfter) {
  /**
   * An event that the receiver will never take.
   *
   * @param index its place in the batch, from 0
   * @param reason what the receiver said; escaped
   * @param kept whether the sink has put the event aside, into a dead-letter file for one
   */
  public record Rejection(int index, String reason, boolean kept) {
    public Rejection {
      Objects.requireNonNull(reason, "reason");
    }

    /** An event that is kept nowhere. */
    public Rejection(int index, String reason) {
      this(index, reason, false);
    }
  }

  public WriteResult {
    rejected = List.copyOf(rejected);
    Objects.requireNonNull(retryAfter, "retryAfter");
    if (done < 0) {
      throw new IllegalArgumentException("done is negative: " + done);
    }
  }

  /** All of a batch of {@code count} events was accepted. */
  public static WriteResult accepted(int count) {
    return new WriteResult(count, List.of(), Optional.empty());
  }
}

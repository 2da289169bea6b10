package dev.custos.controller.metrics;

import dev.custos.controller.snapshot.ResourceKey;
import java.time.Instant;

/**
 * How many events of a kind an agent has told of for a resource since its run began.
 *
 * @param event as it is printed, {@code CLOSE_WRITE} for one
 * @param last of losses: when the last one ended; the epoch if that is not known
 * @param detail of losses: what the last one was; bounded, and one line
 */
public record EventTotal(
    ResourceKey resource, String event, long total, Instant last, String detail) {
  /** The event that says that others are missing. */
  public static final String LOST = "LOST";
}

package dev.custos.controller.status;

import java.time.Duration;

/**
 * How often one resource's status may be written: a few times at once, so that what somebody has
 * just applied shows soon, and from then on once in an interval.
 *
 * @param burst how many writes may be ahead of their time; at least 1
 * @param interval between two writes in the long run
 * @param gather for how long at least what changes after a look is gathered for the next one
 */
public record Pace(int burst, Duration interval, Duration gather) {
  public static final Pace USUAL = new Pace(3, Duration.ofSeconds(5), Duration.ofMillis(200));
}

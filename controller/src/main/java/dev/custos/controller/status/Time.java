package dev.custos.controller.status;

import java.time.Instant;

/** What time it is; tests move it by hand. */
public interface Time {
  Time SYSTEM =
      new Time() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** For humans. */
  Instant now();

  /** For durations: never goes back. */
  long nanos();
}

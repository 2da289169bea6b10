package dev.custos.controller.status;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Stands still until a test moves it. */
final class ManualTime implements Time {
  private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public Instant now() {
    return BEGAN.plusNanos(nanos.get());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }
}

package dev.custos.spi.sink;

import dev.custos.spi.event.IntegrityEvent;

/** An event on its way out. Good during {@link Sink#write}, on its thread. */
public interface RenderedEvent {
  IntegrityEvent event();

  /** A UUID that is new at each start of the agent. */
  String runId();

  /** Counts the events of a run from 1 on, without a hole. */
  long sequence();

  /** The same for each try to write this event, and for no other event. */
  default String key() {
    return runId() + "-" + sequence();
  }

  /**
   * The event as a line, formatted as its owner asked: UTF-8, without a line end at its end or
   * anywhere within, and safe in a terminal. Rendered at each call; the array is the caller's.
   */
  byte[] line();
}

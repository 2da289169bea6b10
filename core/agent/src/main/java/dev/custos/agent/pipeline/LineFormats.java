package dev.custos.agent.pipeline;

import dev.custos.spi.event.IntegrityEvent;

/** Makes lines of events. Each worker has its own renderer. */
public interface LineFormats {
  /** A renderer for one thread. */
  Renderer renderer();

  /** Formats events as their owners asked. Not thread-safe. */
  interface Renderer {
    /** UTF-8 without a line end; the array is the caller's. */
    byte[] line(IntegrityEvent event, long sequence);
  }
}

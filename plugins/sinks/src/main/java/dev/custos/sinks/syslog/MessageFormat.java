package dev.custos.sinks.syslog;

import dev.custos.spi.sink.RenderedEvent;

/** Makes a message of an event. Not thread-safe. */
interface MessageFormat {
  /** Appends one message, without any framing and no longer than the size limit. */
  void append(RenderedEvent event, MessageBuffer out);
}

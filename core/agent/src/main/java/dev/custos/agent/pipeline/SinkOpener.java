package dev.custos.agent.pipeline;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;

/** Makes the same sink again: at the start, and each time one had to be abandoned. */
public interface SinkOpener {
  Sink open() throws SinkException;
}

package dev.custos.spi.sink;

import java.util.List;

/** A place that events are written to. See the package's promises for threads and order. */
public interface Sink extends AutoCloseable {
  /**
   * Writes events, in order, and returns when the sink can vouch for what it accepted. The list is
   * never empty and is only good during the call.
   *
   * @throws SinkException if nothing more is known than that it did not work
   */
  WriteResult write(List<RenderedEvent> batch) throws SinkException;

  /** Lets go of connections and files. A second call does nothing. */
  @Override
  void close();
}

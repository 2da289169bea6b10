package dev.custos.spi.sink;

import org.pf4j.ExtensionPoint;

/** Makes sinks. The host makes one instance of a provider and opens any number of sinks with it. */
public interface SinkProvider extends ExtensionPoint {
  /** What a configuration gives as {@code type}: {@code stdout}. */
  String name();

  /**
   * Makes a sink. A peer that can't be reached is no fault here: {@code write} will tell.
   *
   * @throws SinkException if the configuration can't work; the message names the key at fault
   */
  Sink open(SinkContext context) throws SinkException;
}

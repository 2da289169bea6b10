package dev.custos.sinks.stdout;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestSinkContext;

/** A process whose standard output is written to as the agent does it. */
public final class StdoutChild {
  static final int READER_GONE = 7;

  private StdoutChild() {}

  /** Writes a few hundred events, once it was read from, or found that nobody reads. */
  public static void main(String[] arguments) throws SinkException {
    try (Sink sink = new StdoutSinkProvider().open(TestSinkContext.of("format = json"))) {
      sink.write(StdoutSinkTest.events(500));
    } catch (SinkException e) {
      System.exit(e.isPermanent() && e.getMessage().endsWith("gone") ? READER_GONE : 1);
    }
  }
}

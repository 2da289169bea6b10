package dev.custos.sinks.stdout;

import dev.custos.linux.NativeException;
import dev.custos.linux.WriteEnd;
import dev.custos.sinks.config.Options;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import org.pf4j.Extension;

/**
 * Makes sinks of type {@code stdout}: an event is a line of the agent's standard output.
 *
 * <p>Its one key is {@code format}: {@code text}, the default, is the line as the event's owner
 * formatted it; {@code json} is the schema of {@code docs/json.md}.
 */
@Extension
public final class StdoutSinkProvider implements SinkProvider {
  private static final int STDOUT_FILENO = 1;

  private final int descriptor;

  public StdoutSinkProvider() {
    this(STDOUT_FILENO);
  }

  /** Writes to another descriptor: under test, standard output belongs to the test runner. */
  StdoutSinkProvider(int descriptor) {
    this.descriptor = descriptor;
  }

  @Override
  public String name() {
    return "stdout";
  }

  @Override
  public Sink open(SinkContext context) throws SinkException {
    Options options = new Options(context);
    options.allow("format");
    boolean json = options.word("format", "text", "json").equals("json");
    try {
      return new StdoutSink(WriteEnd.of(descriptor), json);
    } catch (NativeException e) {
      throw SinkException.permanent("stdout: " + e.getMessage(), e);
    }
  }
}

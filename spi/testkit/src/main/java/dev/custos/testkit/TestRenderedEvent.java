package dev.custos.testkit;

import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** An event as the host hands it to a sink, in a plain text format. */
public record TestRenderedEvent(IntegrityEvent event, String runId, long sequence)
    implements RenderedEvent {
  /** A run id like those that agents make. */
  public static final String RUN = "0f9d2c4e-6a1b-4c3d-8e5f-7a9b0c1d2e3f";

  public TestRenderedEvent {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(runId, "runId");
  }

  public static TestRenderedEvent of(IntegrityEvent event, long sequence) {
    return new TestRenderedEvent(event, RUN, sequence);
  }

  /** {@code CREATE file /data: a.txt #17}. */
  @Override
  public byte[] line() {
    return (EventText.brief(event) + " #" + sequence).getBytes(StandardCharsets.UTF_8);
  }
}

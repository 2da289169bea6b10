package dev.custos.bench;

import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.WriteResult;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A sink that takes everything, does nothing with it, and counts. */
record NullSink(AtomicLong written) implements Sink {
  @Override
  public WriteResult write(List<RenderedEvent> batch) {
    written.addAndGet(batch.size());
    return WriteResult.accepted(batch.size());
  }

  @Override
  public void close() {}
}

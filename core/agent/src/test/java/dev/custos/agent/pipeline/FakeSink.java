package dev.custos.agent.pipeline;

import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is given, and behaves as a test tells it to. */
class FakeSink implements Sink {
  /** What the pipeline gave, copied: a batch is only good during the call. */
  record Written(long sequence, String key, String line, IntegrityEvent event) {}

  /** What happens in a write before it is recorded. */
  interface Behaviour {
    /** How many of the batch are accepted. */
    WriteResult on(List<RenderedEvent> batch) throws SinkException;
  }

  final List<Written> written = new CopyOnWriteArrayList<>();
  final List<Integer> batches = new CopyOnWriteArrayList<>();
  volatile Behaviour behaviour = batch -> WriteResult.accepted(batch.size());
  volatile boolean closed;

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    WriteResult result = behaviour.on(batch);
    batches.add(batch.size());
    List<Written> accepted = new ArrayList<>();
    for (int i = 0; i < result.done(); i++) {
      RenderedEvent event = batch.get(i);
      accepted.add(
          new Written(
              event.sequence(),
              event.key(),
              new String(event.line(), java.nio.charset.StandardCharsets.UTF_8),
              event.event()));
    }
    written.addAll(accepted);
    return result;
  }

  @Override
  public void close() {
    closed = true;
  }

  List<Long> sequences() {
    List<Long> sequences = new ArrayList<>();
    for (Written event : written) {
      sequences.add(event.sequence());
    }
    return sequences;
  }
}

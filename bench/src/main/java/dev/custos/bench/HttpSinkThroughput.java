package dev.custos.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.sinks.http.HttpSinkProvider;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * How many events per second the HTTP sink brings to a server: rendered, encoded, posted, answered.
 * The arguments are seconds per round, and the sink's settings as in {@code custos.conf}. Prints a
 * line per round; the first ones warm up.
 */
public final class HttpSinkThroughput {
  private static final int BATCH = 4096;
  private static final int ROUNDS = 5;

  private HttpSinkThroughput() {}

  private record Context(Config config) implements SinkContext {
    @Override
    public String name() {
      return "bench";
    }

    @Override
    public Clock clock() {
      return Clock.systemUTC();
    }
  }

  private record Event(IntegrityEvent event, String runId, long sequence) implements RenderedEvent {
    @Override
    public byte[] line() {
      return (event.eventName() + " " + event.path()).getBytes(StandardCharsets.UTF_8);
    }
  }

  public static void main(String[] arguments) throws SinkException {
    if (arguments.length < 2) {
      throw new IllegalArgumentException("expected SECONDS and settings, such as: 5 'url = ...'");
    }
    double seconds = Double.parseDouble(arguments[0]);
    Config config = ConfigFactory.parseString(arguments[1]);
    String run = UUID.randomUUID().toString();
    // Subject and origin are the same objects for all events, as in an agent.
    Events source = new Events();
    long sequence = 0;
    try (Sink sink = new HttpSinkProvider().open(new Context(config))) {
      for (int round = 1; round <= ROUNDS; round++) {
        long start = System.nanoTime();
        long cpu = cpuNanos();
        long before = sequence;
        while (System.nanoTime() - start < seconds * 1e9) {
          write(sink, batch(source, run, sequence));
          sequence += BATCH;
        }
        double took = System.nanoTime() - start;
        long events = sequence - before;
        System.out.printf(
            Locale.ROOT,
            "round %d: %,.0f events/s, %.2f us CPU per event%n",
            round,
            events / took * 1e9,
            (cpuNanos() - cpu) / 1e3 / events);
      }
    }
  }

  private static List<RenderedEvent> batch(Events source, String run, long from) {
    List<RenderedEvent> batch = new ArrayList<>(BATCH);
    for (int i = 1; i <= BATCH; i++) {
      batch.add(new Event(source.next(), run, from + i));
    }
    return batch;
  }

  private static void write(Sink sink, List<RenderedEvent> batch) throws SinkException {
    int done = 0;
    while (done < batch.size()) {
      WriteResult result = sink.write(batch.subList(done, batch.size()));
      if (!result.rejected().isEmpty()) {
        throw new IllegalStateException("refused: " + result.rejected().get(0).reason());
      }
      done += result.done();
    }
  }

  /** Of all threads of this process. */
  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}

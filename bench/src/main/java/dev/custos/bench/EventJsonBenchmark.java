package dev.custos.bench;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An event as a JSON line, into a buffer that is used again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-XX:+UseSerialGC", "-Xmx32m", "-XX:TieredStopAtLevel=1"})
public class EventJsonBenchmark {
  private static final String RUN = "3f2a9c1e-7d54-4b0e-9a51-0c6a2a0d5b11";

  private final Events events = new Events();
  private final JsonBuffer buffer = new JsonBuffer(4096);
  private final EventJson json = new EventJson(buffer);
  private final FileChanged again = events.next();
  private long sequence;

  /** The same event each time. */
  @Benchmark
  public int object() {
    return write(again);
  }

  /** An event with a new name each time, made and written. */
  @Benchmark
  public int eventAndObject() {
    return write(events.next());
  }

  private int write(FileChanged event) {
    buffer.truncate(0);
    json.append(new Numbered(event, ++sequence));
    return buffer.length();
  }

  private record Numbered(IntegrityEvent event, long sequence) implements RenderedEvent {
    @Override
    public String runId() {
      return RUN;
    }

    @Override
    public byte[] line() {
      throw new IllegalStateException("JSON has no use for the line");
    }
  }
}

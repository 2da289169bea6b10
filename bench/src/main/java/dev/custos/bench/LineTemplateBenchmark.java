package dev.custos.bench;

import dev.custos.agent.pipeline.LineFormats;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.spi.event.FileChanged;
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

/** A watcher's default template, rendered the way a sink's worker does it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
// The JVM's settings are those of bin/custos.
@Fork(
    value = 2,
    jvmArgs = {"-XX:+UseSerialGC", "-Xmx32m", "-XX:TieredStopAtLevel=1"})
public class LineTemplateBenchmark {
  private final Events events = new Events();
  private final LineFormats.Renderer renderer = new OwnerFormats().renderer();
  private final FileChanged again = events.next();
  private long sequence;

  /** The same event each time, so that its names are escaped already: the template alone. */
  @Benchmark
  public byte[] line() {
    return renderer.line(again, ++sequence);
  }

  /** An event with a new name each time, made and rendered. */
  @Benchmark
  public byte[] eventAndLine() {
    return renderer.line(events.next(), ++sequence);
  }

  /** What of that is the event. */
  @Benchmark
  public FileChanged event() {
    return events.next();
  }
}

package dev.custos.bench;

import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.Sink;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a backend's publishing to a sink that takes everything and does nothing: sequence, queue,
 * wake-up and batch, without rendering. The publisher never gets more than half a queue ahead, so
 * that nothing is lost and the figure is that of the slower of the two threads.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"})
public class PipelineBenchmark {
  /** About what one read of a 16 KB inotify buffer brings. */
  private static final int READ = 256;

  private static final int AHEAD = SinkPolicy.DEFAULT.memory() / 2;

  private final AtomicLong written = new AtomicLong();
  private final List<FileChanged> events = new ArrayList<>();
  private EventPipeline pipeline;
  private long published;

  @Setup(Level.Iteration)
  public void open() {
    Events source = new Events();
    events.clear();
    for (int i = 0; i < READ; i++) {
      events.add(source.next());
    }
    written.set(0);
    published = 0;
    pipeline =
        new EventPipeline(
            Origin.ofNode("node-17"), new OwnerFormats(), new SilentListener(), Clock.systemUTC());
    Sink sink = new NullSink(written);
    pipeline.addSink("null", sink, () -> sink, SinkPolicy.DEFAULT);
  }

  @TearDown(Level.Iteration)
  public void close() {
    pipeline.close();
    if (written.get() != published) {
      throw new IllegalStateException(published + " published, " + written.get() + " written");
    }
  }

  @Benchmark
  @OperationsPerInvocation(READ)
  public void publishAll() {
    while (published - written.get() > AHEAD) {
      Thread.onSpinWait();
    }
    pipeline.publishAll(events);
    published += READ;
  }
}

package dev.custos.bench;

import dev.custos.agent.pipeline.EventMatch;
import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.agent.pipeline.SinkOpenException;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.agent.pipeline.SinkSpec;
import dev.custos.agent.pipeline.SpoolPolicy;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a backend's publishing through a spool on disk to a sink that takes everything and does
 * nothing: rendering, encoding, the disk, and reading back. In the directory that the system
 * property {@code custos.bench.spool} names, or the one for temporary files.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 2,
    jvmArgs = {"-XX:+UseSerialGC", "-Xmx32m", "-XX:TieredStopAtLevel=1"})
public class SpoolBenchmark {
  /** About what one read of a 16 KB inotify buffer brings. */
  private static final int READ = 256;

  private static final int AHEAD = 16_384;

  @Param({"BATCH", "NONE"})
  private SpoolPolicy.Fsync fsync;

  private final AtomicLong written = new AtomicLong();
  private final List<FileChanged> events = new ArrayList<>();
  private Path directory;
  private EventPipeline pipeline;
  private long published;

  @Setup(Level.Iteration)
  public void open() throws IOException, SinkOpenException {
    Events source = new Events();
    events.clear();
    for (int i = 0; i < READ; i++) {
      events.add(source.next());
    }
    written.set(0);
    published = 0;
    String place = System.getProperty("custos.bench.spool", System.getProperty("java.io.tmpdir"));
    directory = Files.createTempDirectory(Path.of(place), "custos-spool");
    pipeline =
        new EventPipeline(
            Origin.ofNode("node-17"), new OwnerFormats(), new SilentListener(), Clock.systemUTC());
    Sink sink = new NullSink(written);
    SpoolPolicy spool =
        new SpoolPolicy(directory.resolve("null"), 256 << 20, Duration.ofDays(99_999), fsync);
    SinkPolicy policy = SinkPolicy.DEFAULT.withSpool(spool);
    pipeline.reconfigure(List.of(new SinkSpec("null", sink, () -> sink, policy, EventMatch.ALL)));
  }

  @TearDown(Level.Iteration)
  public void close() throws IOException {
    pipeline.close(Duration.ofSeconds(30));
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    if (written.get() != published) {
      throw new IllegalStateException(published + " published, " + written.get() + " written");
    }
  }

  @Benchmark
  @OperationsPerInvocation(READ)
  public void publishAll() {
    while (published - written.get() > AHEAD) {
      LockSupport.parkNanos(20_000);
    }
    pipeline.publishAll(events);
    published += READ;
  }
}

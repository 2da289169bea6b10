package dev.custos.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.sinks.http.HttpSinkProvider;
import dev.custos.sinks.syslog.SyslogSinkProvider;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.spi.sink.WriteResult;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * How many events per second a sink brings to a server: rendered, encoded, written, and vouched
 * for. The arguments are the sink's type, seconds per round, and the sink's settings as in {@code
 * custos.conf}. Prints a line per round; the first ones warm up.
 */
public final class SinkThroughput {
  private static final int BATCH = 4096;
  private static final int ROUNDS = 5;

  private SinkThroughput() {}

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
    if (arguments.length < 3) {
      throw new IllegalArgumentException("expected TYPE SECONDS SETTINGS: http 5 'url = ...'");
    }
    SinkProvider provider = provider(arguments[0]);
    double seconds = Double.parseDouble(arguments[1]);
    Config config = withDefaults(arguments[0], arguments[2]);
    String run = UUID.randomUUID().toString();
    // Subject and origin are the same objects for all events, as in an agent.
    Events source = new Events();
    long sequence = 0;
    try (Sink sink = provider.open(new Context(config))) {
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

  private static SinkProvider provider(String type) {
    List<SinkProvider> providers = List.of(new HttpSinkProvider(), new SyslogSinkProvider());
    return providers.stream()
        .filter(provider -> provider.name().equals(type))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no sink to measure is called " + type));
  }

  /** What is written over the plugin's defaults, as the agent does it. */
  private static Config withDefaults(String type, String settings) {
    Config defaults =
        ConfigFactory.parseResources(SinkThroughput.class.getClassLoader(), "reference.conf")
            .resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    return ConfigFactory.parseString(settings)
        .withFallback(withoutNulls(defaults.getConfig("custos.sink-types." + type)));
  }

  private static Config withoutNulls(Config config) {
    ConfigObject root = config.root();
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      ConfigValue value = entry.getValue();
      if (value.valueType() == ConfigValueType.NULL) {
        root = root.withoutKey(entry.getKey());
      } else if (value instanceof ConfigObject section) {
        root = root.withValue(entry.getKey(), withoutNulls(section.toConfig()).root());
      }
    }
    return root.toConfig();
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

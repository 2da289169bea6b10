package dev.custos.agent.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import dev.custos.agent.metrics.AgentState.BackendState;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.PathState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * A registry of everything that is counted. What backends tell of is counted as it passes; all else
 * is read from the agent when somebody asks.
 *
 * <p>Dropwizard's metrics have a name and no labels, so a name here is that of a {@link Figure} and
 * the labels' values: {@code custos_events{inotify,modify}}.
 */
public final class AgentMetrics {
  private final MetricRegistry registry = new MetricRegistry();
  private final Map<String, Series> series = new ConcurrentHashMap<>();
  private final Supplier<AgentState> source;
  private final Set<String> sinks = new HashSet<>();

  /** What all gauges of one reading look at. */
  private volatile AgentState state;

  /** One metric of the registry, taken apart. */
  record Series(Figure figure, List<String> labels) {
    String key() {
      return figure.base() + "{" + String.join(",", labels) + "}";
    }
  }

  /**
   * Makes a registry.
   *
   * @param source tells how the agent stands; called once for each reading
   */
  public AgentMetrics(Supplier<AgentState> source) {
    this.source = source;
    gauge(Figure.START, s -> s.started().toEpochMilli() / 1000.0);
    gauge(Figure.READY, s -> s.ready() ? 1 : 0);
    gauge(Figure.PUBLISHED, AgentState::published);
    gauge(Figure.RESIDENT, s -> ProcessFigures.residentBytes());
    gauge(Figure.CPU, s -> ProcessFigures.cpuSeconds());
    gauge(Figure.OPEN_FDS, s -> ProcessFigures.openDescriptors());
    reloads(true);
    reloads(false);
  }

  /** A publisher that counts what passes it from one backend on the way to {@code events}. */
  public EventPublisher counted(String backend, EventPublisher events) {
    return new CountedEvents(this, backend, events);
  }

  /** Counts the readings of a configuration that was taken over, or refused. */
  public Counter reloads(boolean taken) {
    return counter(Figure.RELOADS, taken ? "taken" : "refused");
  }

  /** For reporters and endpoints. */
  public MetricRegistry registry() {
    return registry;
  }

  Counter counter(Figure figure, String... labels) {
    return registry.counter(key(figure, labels));
  }

  private void gauge(Figure figure, ToDoubleFunction<AgentState> value, String... labels) {
    String key = key(figure, labels);
    if (!registry.getMetrics().containsKey(key)) {
      Gauge<Double> gauge = () -> value.applyAsDouble(state);
      registry.register(key, gauge);
    }
  }

  private String key(Figure figure, String... labels) {
    Series one = new Series(figure, List.of(labels));
    if (one.labels().size() != figure.labels().size()) {
      throw new IllegalArgumentException(figure + " has the labels " + figure.labels());
    }
    series.putIfAbsent(one.key(), one);
    return one.key();
  }

  /** Runs a reading, during which nothing changes but counters. */
  <T> T read(Function<AgentMetrics, T> reading) {
    synchronized (this) {
      state = source.get();
      for (BackendState backend : state.backends()) {
        addBackend(backend);
      }
      updateSinks();
      return reading.apply(this);
    }
  }

  /** How the agent stands during a reading. */
  AgentState state() {
    return state;
  }

  /** Every figure of a reading. */
  void forEach(SeriesReader reader) {
    for (Map.Entry<String, Metric> entry : registry.getMetrics().entrySet()) {
      Series one = series.get(entry.getKey());
      if (one == null) {
        continue; // somebody else's, put into the registry from outside
      }
      if (entry.getValue() instanceof Counter counter) {
        reader.read(one.figure(), one.labels(), (double) counter.getCount());
      } else if (entry.getValue() instanceof Gauge<?> gauge
          && gauge.getValue() instanceof Number number) {
        reader.read(one.figure(), one.labels(), number.doubleValue());
      }
    }
  }

  /** Takes a figure. */
  interface SeriesReader {
    void read(Figure figure, List<String> labels, double value);
  }

  private void addBackend(BackendState backend) {
    String name = backend.name();
    for (PathState.State one : PathState.State.values()) {
      gauge(
          Figure.PATHS,
          s -> backend(s, backend, b -> b.paths(one)),
          name,
          one.name().toLowerCase(Locale.ROOT));
    }
    if (backend.sinceProof().isPresent()) {
      gauge(
          Figure.TURN_AGE,
          s -> backend(s, backend, b -> b.sinceProof().map(AgentMetrics::seconds).orElse(0.0)),
          name);
    }
    gauge(Figure.TARGETS, s -> backend(s, backend, b -> b.targets().size()), name);
    gauge(Figure.RESTARTS, s -> backend(s, backend, BackendState::restarts), name);
    gauge(Figure.DIFFERENCES, s -> backend(s, backend, BackendState::differences), name);
    gauge(Figure.KERNEL_OBJECTS, s -> backend(s, backend, BackendState::kernelObjects), name);
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private static double backend(
      AgentState state, BackendState like, ToDoubleFunction<BackendState> value) {
    for (BackendState backend : state.backends()) {
      if (backend.name().equals(like.name()) && backend.role().equals(like.role())) {
        return value.applyAsDouble(backend);
      }
    }
    return 0;
  }

  /** Sinks come and go with the configuration. */
  private void updateSinks() {
    Set<String> now = new HashSet<>();
    for (SinkStatus sink : state.sinks()) {
      now.add(sink.name());
      addSink(sink.name());
    }
    for (String gone : Set.copyOf(sinks)) {
      if (!now.contains(gone)) {
        sinks.remove(gone);
        registry.removeMatching(
            (key, metric) -> {
              Series one = series.get(key);
              return one != null
                  && one.figure().labels().contains("sink")
                  && one.labels().get(0).equals(gone);
            });
      }
    }
  }

  private void addSink(String name) {
    if (!sinks.add(name)) {
      return;
    }
    sink(Figure.SINK_UP, name, sink -> sink.open() ? 1 : 0);
    sink(Figure.SINK_WRITTEN, name, sink -> sink.counters().written());
    sink(Figure.SINK_LOST, name, sink -> sink.counters().lost());
    sink(Figure.SINK_RETRIED, name, sink -> sink.counters().retried());
    sink(Figure.SINK_REJECTED, name, sink -> sink.counters().rejected());
    sink(Figure.SINK_FAILING, name, sink -> sink.counters().failing() ? 1 : 0);
    sink(Figure.SINK_OFFERED, name, SinkStatus::offered);
    sink(Figure.SINK_DEAD_LETTERED, name, sink -> sink.counters().deadLettered());
    sink(Figure.SINK_QUEUED, name, SinkStatus::queued);
    sink(Figure.SINK_OLDEST, name, sink -> sink.oldestSeconds(Instant.now()));
    sink(Figure.SINK_SPOOL, name, sink -> sink.spool().map(SinkStatus.Spool::bytes).orElse(0L));
    sink(
        Figure.SINK_SPOOL_FAILING,
        name,
        sink -> sink.spool().filter(SinkStatus.Spool::failing).isPresent() ? 1 : 0);
    sink(Figure.SINK_WRITES, name, sink -> sink.counters().batches());
    sink(Figure.SINK_WRITE_TIME, name, sink -> sink.counters().batchNanos() / 1e9);
  }

  private void sink(Figure figure, String name, ToDoubleFunction<SinkStatus> value) {
    gauge(
        figure,
        s -> {
          for (SinkStatus sink : s.sinks()) {
            if (sink.name().equals(name)) {
              return value.applyAsDouble(sink);
            }
          }
          return 0;
        },
        name);
  }
}

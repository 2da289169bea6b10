package dev.custos.agent.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.SinkStatus;

/**
 * A registry of the pipeline's counts: {@code custos.events.published}, and for each sink {@code
 * custos.sink.NAME.} with {@code written}, {@code lost}, {@code retried}, {@code rejected} and
 * {@code queued}.
 */
public final class AgentMetrics {
  private final MetricRegistry registry = new MetricRegistry();

  public AgentMetrics(EventPipeline pipeline) {
    gauge("custos.events.published", pipeline::published);
    for (SinkStatus sink : pipeline.sinks()) {
      String prefix = MetricRegistry.name("custos.sink", sink.name());
      gauge(prefix + ".written", sink.counters()::written);
      gauge(prefix + ".lost", sink.counters()::lost);
      gauge(prefix + ".retried", sink.counters()::retried);
      gauge(prefix + ".rejected", sink.counters()::rejected);
      gauge(prefix + ".queued", () -> queued(pipeline, sink.name()));
    }
  }

  private void gauge(String name, Gauge<Long> value) {
    registry.register(name, value);
  }

  private static long queued(EventPipeline pipeline, String name) {
    for (SinkStatus sink : pipeline.sinks()) {
      if (sink.name().equals(name)) {
        return sink.queued();
      }
    }
    return 0;
  }

  /** For reporters and endpoints. */
  public MetricRegistry registry() {
    return registry;
  }

  /** One line per figure, in the order of their names. */
  public String text() {
    StringBuilder text = new StringBuilder();
    // Sorted by the registry; the map of all metrics is not.
    registry
        .getGauges()
        .forEach(
            (name, gauge) -> text.append(name).append(' ').append(gauge.getValue()).append('\n'));
    return text.toString();
  }
}

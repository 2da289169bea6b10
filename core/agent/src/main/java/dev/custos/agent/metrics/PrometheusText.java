package dev.custos.agent.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The registry in Prometheus' text format, or in OpenMetrics' for those who ask for it. */
final class PrometheusText {
  private final ExpositionFormatWriter plain = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final AgentMetrics metrics;

  /** What is sent. */
  record Page(String contentType, String body) {}

  private record Point(Labels labels, double value) {}

  PrometheusText(AgentMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Reads every figure.
   *
   * @param accept the request's header {@code Accept}; null if it has none
   */
  Page page(String accept) {
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : plain;
    MetricSnapshots snapshots = metrics.read(PrometheusText::snapshots);
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    try {
      writer.write(out, snapshots);
    } catch (IOException e) {
      throw new UncheckedIOException("nothing in memory fails", e);
    }
    return new Page(writer.getContentType(), out.toString(StandardCharsets.UTF_8));
  }

  private static MetricSnapshots snapshots(AgentMetrics metrics) {
    Map<Figure, List<Point>> points = new EnumMap<>(Figure.class);
    metrics.forEach(
        (figure, values, value) ->
            points
                .computeIfAbsent(figure, f -> new ArrayList<>())
                .add(new Point(Labels.of(figure.labels(), values), value)));
    points.put(
        Figure.BUILD,
        List.of(
            new Point(
                Labels.of(
                    Figure.BUILD.labels(),
                    List.of(metrics.state().version(), Runtime.version().toString())),
                1)));
    List<MetricSnapshot> all = new ArrayList<>();
    points.forEach((figure, list) -> all.add(snapshot(figure, list)));
    return new MetricSnapshots(all);
  }

  private static MetricSnapshot snapshot(Figure figure, List<Point> points) {
    return switch (figure.kind()) {
      case COUNTER -> {
        CounterSnapshot.Builder builder = CounterSnapshot.builder();
        builder.name(figure.base()).help(figure.help());
        for (Point point : points) {
          builder.dataPoint(new CounterDataPointSnapshot(point.value(), point.labels(), null, 0L));
        }
        yield builder.build();
      }
      case GAUGE -> {
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder();
        builder.name(figure.base()).help(figure.help());
        for (Point point : points) {
          builder.dataPoint(new GaugeDataPointSnapshot(point.value(), point.labels(), null));
        }
        yield builder.build();
      }
      case INFO -> {
        InfoSnapshot.Builder builder = InfoSnapshot.builder();
        builder.name(figure.base()).help(figure.help());
        for (Point point : points) {
          builder.dataPoint(new InfoDataPointSnapshot(point.labels()));
        }
        yield builder.build();
      }
    };
  }
}

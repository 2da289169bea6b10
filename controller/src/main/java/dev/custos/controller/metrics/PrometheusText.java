package dev.custos.controller.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
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
import java.util.List;
import java.util.Map;

/** All figures in Prometheus' text format, or in OpenMetrics' for those who ask for it. */
final class PrometheusText {
  private final ExpositionFormatWriter plain = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final ControllerMetrics metrics;

  /** What is sent. */
  record Page(String contentType, String body) {}

  PrometheusText(ControllerMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Reads every figure.
   *
   * @param accept the request's header {@code Accept}; null if it has none
   */
  Page page(String accept) {
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : plain;
    Snapshots snapshots = new Snapshots();
    metrics.read(snapshots);
    ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
    try {
      writer.write(out, new MetricSnapshots(snapshots.all));
    } catch (IOException e) {
      throw new UncheckedIOException("nothing in memory fails", e);
    }
    return new Page(writer.getContentType(), out.toString(StandardCharsets.UTF_8));
  }

  private static final class Snapshots implements ControllerMetrics.Reader {
    private final List<MetricSnapshot> all = new ArrayList<>();

    @Override
    public void counter(
        String name, String help, List<String> labels, Map<List<String>, Double> values) {
      CounterSnapshot.Builder builder = CounterSnapshot.builder();
      builder.name(name).help(help);
      values.forEach(
          (key, value) ->
              builder.dataPoint(
                  new CounterDataPointSnapshot(value, Labels.of(labels, key), null, 0L)));
      all.add(builder.build());
    }

    @Override
    public void gauge(
        String name, String help, List<String> labels, Map<List<String>, Double> values) {
      GaugeSnapshot.Builder builder = GaugeSnapshot.builder();
      builder.name(name).help(help);
      values.forEach(
          (key, value) ->
              builder.dataPoint(new GaugeDataPointSnapshot(value, Labels.of(labels, key), null)));
      all.add(builder.build());
    }

    @Override
    public void info(String name, String help, List<String> labels, List<String> values) {
      InfoSnapshot.Builder builder = InfoSnapshot.builder();
      builder.name(name).help(help);
      builder.dataPoint(new InfoDataPointSnapshot(Labels.of(labels, values)));
      all.add(builder.build());
    }

    @Override
    public void latency(String name, String help, Latency.Reading reading) {
      HistogramSnapshot.Builder builder = HistogramSnapshot.builder();
      builder.name(name).help(help);
      builder.dataPoint(
          HistogramDataPointSnapshot.builder()
              .classicHistogramBuckets(
                  ClassicHistogramBuckets.of(reading.bounds(), reading.counts()))
              .sum(reading.sum())
              .build());
      all.add(builder.build());
    }
  }
}

package dev.custos.sinks.http;

import dev.custos.sinks.config.Options;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pf4j.Extension;

/**
 * Makes sinks of type {@code http}: events are posted to a server in batches. Its keys are those of
 * {@code custos.sink-types.http} in the plugin's {@code reference.conf}.
 */
@Extension
public final class HttpSinkProvider implements SinkProvider {
  @Override
  public String name() {
    return "http";
  }

  @Override
  public Sink open(SinkContext context) throws SinkException {
    Options options = Options.over(context, HttpSinkProvider.class.getClassLoader(), name());
    Encoding encoding = encoding(options);
    HttpSettings settings = HttpSettings.of(options, encoding);
    DeadLetters deadLetters =
        new DeadLetters(
            settings.deadLetterDirectory(),
            context.name(),
            settings.deadLetterBytes(),
            context.clock());
    deadLetters.check();
    Receiver receiver = new Receiver(context.name(), settings);
    Judge judge = new Judge(encoding, settings, context.clock());
    return new HttpSink(new Requests(encoding, settings), receiver, judge, deadLetters, settings);
  }

  private static Encoding encoding(Options options) throws SinkException {
    String chosen =
        options.word(
            "encoding",
            "ndjson",
            "json-array",
            "loki",
            "elasticsearch-bulk",
            "opensearch",
            "splunk-hec");
    return switch (chosen) {
      case "json-array" -> new JsonArray();
      case "loki" -> loki(options.section("loki"));
      case "elasticsearch-bulk", "opensearch" ->
          new BulkEncoding(optional(options.section("elasticsearch"), "index"));
      case "splunk-hec" -> splunk(options.section("splunk"));
      default -> new JsonLines();
    };
  }

  private static Encoding loki(Options section) throws SinkException {
    Map<String, String> labels = new TreeMap<>();
    Options given = section.section("labels");
    for (String name : given.keys()) {
      // As Prometheus has it; Loki refuses the whole batch for any other.
      if (!name.matches("[a-zA-Z_][a-zA-Z0-9_]*")) {
        throw given.wrong(
            name, "\"" + Printable.escape(name) + "\" is no label; expected letters, digits and _");
      }
      labels.put(name, given.text(name));
    }
    boolean asJson = section.word("line", "json", "text").equals("json");
    for (String field : section.texts("fields")) {
      section.oneOf("fields", field, LokiEncoding.fieldNames());
    }
    if (labels.isEmpty()) {
      labels.put("job", "custos");
    }
    return new LokiEncoding(labels, section.texts("fields"), asJson);
  }

  private static Encoding splunk(Options section) throws SinkException {
    return new HecEncoding(
        new HecEncoding.Metadata(
            section.text("source"), section.text("sourcetype"), optional(section, "index")));
  }

  private static Optional<String> optional(Options section, String key) throws SinkException {
    return section.has(key) ? Optional.of(section.text(key)) : Optional.empty();
  }
}

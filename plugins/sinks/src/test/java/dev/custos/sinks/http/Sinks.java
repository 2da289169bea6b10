package dev.custos.sinks.http;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestRenderedEvent;
import dev.custos.testkit.TestSinkContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Sinks and events as the tests of this package need them. */
final class Sinks {
  static final Instant NOON = Instant.parse("2026-06-15T12:00:00.123456789Z");
  static final Subject WEB = new Subject("ArgusWatcher", "default", "web", 0, Map.of());

  private Sinks() {}

  static Config config(String... lines) {
    var named = ConfigParseOptions.defaults().setOriginDescription("custos.conf");
    return ConfigFactory.parseString(String.join("\n", lines), named);
  }

  static Sink open(String... lines) throws SinkException {
    return new HttpSinkProvider().open(TestSinkContext.of(config(lines)));
  }

  static RenderedEvent event(long sequence, FilePath name, Origin origin) {
    return TestRenderedEvent.of(
        FileChanged.builder(WEB, origin)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .file(name)
            .build(),
        sequence);
  }

  static RenderedEvent event(long sequence) {
    return event(sequence, FilePath.of("file-" + sequence), Origin.ofNode("node-1"));
  }

  /** Events with these sequence numbers, both inclusive. */
  static List<RenderedEvent> events(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Sinks::event).toList();
  }

  static String key(long sequence) {
    return TestRenderedEvent.RUN + "-" + sequence;
  }
}

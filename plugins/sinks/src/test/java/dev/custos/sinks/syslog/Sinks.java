package dev.custos.sinks.syslog;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
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
import java.util.stream.IntStream;

/** Sinks with what the host lays below their configuration, and events for them. */
final class Sinks {
  static final Instant NOON = Instant.parse("2026-06-15T12:00:00.123456789Z");
  private static final Subject SUBJECT = Subject.ofAgent();
  private static final Origin ORIGIN = Origin.ofNode("node-1");

  private Sinks() {}

  static Config config(String text) {
    Config defaults =
        ConfigFactory.parseResources(Sinks.class.getClassLoader(), "reference.conf")
            .getConfig("custos.sink-types.syslog");
    return ConfigFactory.parseString(text).withFallback(defaults);
  }

  static Sink open(String text) throws SinkException {
    return new SyslogSinkProvider().open(TestSinkContext.of(config(text)));
  }

  /** For a server on this host. */
  static Sink open(String transport, int port, String more) throws SinkException {
    return open("transport = " + transport + ", address = \"127.0.0.1:" + port + "\"\n" + more);
  }

  /** Creations of files {@code n1}, {@code n2} and so on. */
  static List<RenderedEvent> events(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> event(i, "n" + i)).toList();
  }

  static RenderedEvent event(long sequence, String name) {
    return event(sequence, FilePath.of(name));
  }

  static RenderedEvent event(long sequence, FilePath name) {
    FileChanged event =
        FileChanged.builder(SUBJECT, ORIGIN)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .file(name)
            .build();
    return TestRenderedEvent.of(event, sequence);
  }

  /** Writes events until all are done. */
  static void writeAll(Sink sink, List<RenderedEvent> events) throws SinkException {
    int done = 0;
    while (done < events.size()) {
      done += sink.write(events.subList(done, events.size())).done();
    }
  }
}

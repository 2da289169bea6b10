package dev.custos.sinks.json;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.TestRenderedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Events as tests need them, and what {@link EventJson} makes of them. */
final class Events {
  static final Instant NOON = Instant.parse("2026-06-15T12:00:00.123456789Z");
  static final Subject WEB =
      new Subject("ArgusWatcher", "default", "web", 0, Map.of("team", "store"));
  static final Origin POD =
      new Origin(
          "node-1", "default", "web-1", "nginx", "containerd://c0ffee", Map.of("app", "web"));

  private Events() {}

  static FileChanged.Builder changed(FilePath file) {
    return FileChanged.builder(WEB, POD)
        .time(NOON)
        .kind(ChangeKind.MODIFY)
        .path(FilePath.of("/data"))
        .file(file);
  }

  static String line(IntegrityEvent event) {
    return line(event, 1);
  }

  static String line(IntegrityEvent event, long sequence) {
    JsonBuffer out = new JsonBuffer(16);
    new EventJson(out).append(TestRenderedEvent.of(event, sequence));
    return new String(out.array(), 0, out.length(), StandardCharsets.UTF_8);
  }

  /** What somebody else's JSON parser reads; a broken line is an exception. */
  static Config parsed(IntegrityEvent event) {
    return ConfigFactory.parseString(
        line(event), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }
}

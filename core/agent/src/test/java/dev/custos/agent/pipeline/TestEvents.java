package dev.custos.agent.pipeline;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.Map;

final class TestEvents {
  static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  static final Subject SUBJECT = new Subject("ArgusWatcher", "", "web", 0, Map.of("env", "prod"));
  static final Origin ORIGIN = Origin.ofNode("node-1");

  private TestEvents() {}

  /** A change of file {@code number}, that many milliseconds after {@link #START}. */
  static FileChanged change(int number) {
    return FileChanged.builder(SUBJECT, ORIGIN)
        .time(START.plusMillis(number))
        .kind(ChangeKind.MODIFY)
        .path(FilePath.of("/data"))
        .file(FilePath.of("f" + number))
        .build();
  }
}

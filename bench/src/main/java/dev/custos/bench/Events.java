package dev.custos.bench;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Makes events as a backend does: directory, subject and origin are shared, the name is new. */
final class Events {
  private final Subject subject =
      new Subject("ArgusWatcher", "default", "web", 0, Map.of("team", "shop", "tier", "front"));
  private final Origin origin = Origin.ofNode("node-17");
  private final FilePath directory = FilePath.of("/srv/www/example.org/static/images");
  private final byte[] name = "IMG_20261121_0000.jpeg".getBytes(StandardCharsets.US_ASCII);
  private final Instant time = Instant.parse("2026-11-21T10:15:30.123456789Z");

  FileChanged next() {
    return FileChanged.builder(subject, origin)
        .time(time)
        .kind(ChangeKind.MODIFY)
        .path(directory)
        .file(FilePath.ofBytes(name))
        .build();
  }
}

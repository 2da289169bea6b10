package dev.custos.agent.cli;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Events of every shape, for trying templates. */
final class SampleEvents {
  private static final Instant TIME = Instant.parse("2026-01-31T12:34:56.123456789Z");
  private static final Origin ORIGIN =
      new Origin("node-1", "shop", "web-0", "nginx", Map.of("app", "web"));

  private SampleEvents() {}

  static List<IntegrityEvent> watch() {
    Subject subject =
        new Subject("ArgusWatcher", "shop", "web", 0, Map.of("env", "prod", "team", "web"));
    FilePath directory = FilePath.of("/var/www");
    return List.of(
        change(subject, ChangeKind.MODIFY, directory, "index.html", FileType.FILE, 0),
        change(subject, ChangeKind.CREATE, directory, "images", FileType.DIRECTORY, 0),
        change(subject, ChangeKind.MOVED_FROM, directory, "old.txt", FileType.FILE, 7),
        change(subject, ChangeKind.MOVED_TO, directory, "new.txt", FileType.FILE, 7),
        change(subject, ChangeKind.ATTRIB, directory, "", FileType.DIRECTORY, 0),
        change(subject, ChangeKind.DELETE, directory, "a\nb\u001b[31m\u202e", FileType.FILE, 0),
        lost(subject, directory));
  }

  static List<IntegrityEvent> guard() {
    Subject subject = new Subject("JanusGuard", "shop", "web", 0, Map.of("env", "prod"));
    return List.of(
        decision(subject, AccessDecided.Response.ALLOW, PermissionKind.ACCESS_PERM, "/etc/hosts"),
        decision(subject, AccessDecided.Response.DENY, PermissionKind.OPEN_PERM, "/etc/shadow"),
        lost(subject, FilePath.of("/etc")));
  }

  private static IntegrityEvent change(
      Subject subject, ChangeKind kind, FilePath path, String file, FileType type, int cookie) {
    return FileChanged.builder(subject, ORIGIN)
        .time(TIME)
        .kind(kind)
        .path(path)
        .file(FilePath.of(file))
        .fileType(type)
        .cookie(cookie)
        .build();
  }

  private static IntegrityEvent decision(
      Subject subject, AccessDecided.Response response, PermissionKind kind, String path) {
    return AccessDecided.builder(subject, ORIGIN)
        .time(TIME)
        .response(response)
        .kind(kind)
        .path(FilePath.of(path))
        .process(
            new ProcessFacts(
                OptionalInt.of(4711),
                OptionalInt.of(1000),
                FilePath.of("/usr/bin/cat"),
                "cat",
                "",
                false))
        .rule((response == AccessDecided.Response.DENY ? "deny " : "allow ") + path)
        .build();
  }

  private static IntegrityEvent lost(Subject subject, FilePath path) {
    return EventsLost.builder(subject, ORIGIN)
        .time(TIME)
        .reason(LossReason.KERNEL_QUEUE_OVERFLOW)
        .path(path)
        .from(TIME.minusMillis(20))
        .to(TIME)
        .build();
  }
}

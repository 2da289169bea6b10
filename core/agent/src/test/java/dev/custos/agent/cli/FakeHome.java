package dev.custos.agent.cli;

import dev.custos.agent.plugin.PluginJar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A distribution whose backends and sink are fakes, and commands run in it. The backend takes paths
 * by their names: {@code pending*} is not there yet, {@code failed*} can't be watched, and any
 * other is active and brings five events at once.
 */
final class FakeHome {
  private static final String BACKEND =
      """
      package test.backend;
      import dev.custos.spi.*;
      import dev.custos.spi.event.*;
      import dev.custos.spi.watch.*;
      import java.util.*;
      public class Provider implements WatchBackendProvider {
        public String name() { return "inotify"; }
        public Availability probe() { return Availability.yesBut("only a fake"); }
        public Capabilities capabilities() {
          return new Capabilities(EnumSet.of(ChangeKind.MODIFY), false, false);
        }
        public WatchBackend open(BackendContext context) throws BackendException {
          if (context.config().hasPath("refuse")) {
            throw new BackendException(context.config().getString("refuse"));
          }
          return new WatchBackend() {
            public ApplyReport apply(WatchPlan plan) {
              List<PathState> rows = new ArrayList<>();
              int active = 0;
              for (Watch watch : plan.watches()) {
                String path = watch.path().toString();
                if (path.contains("/pending")) {
                  rows.add(PathState.pending(watch.subject(), watch.path(), "not there yet"));
                } else if (path.contains("/failed")) {
                  rows.add(PathState.failed(watch.subject(), watch.path(), "ENOSPC"));
                } else {
                  rows.add(PathState.active(watch.subject(), watch.path()));
                  active++;
                  for (int i = 1; i <= 5; i++) {
                    context.events().publish(
                        FileChanged.builder(watch.subject(), plan.target().origin())
                            .time(context.clock().instant())
                            .kind(ChangeKind.MODIFY)
                            .path(watch.path())
                            .file(FilePath.of("f" + i))
                            .build());
                  }
                }
              }
              return new ApplyReport(rows, active);
            }
            public Inspection inspect() { return Inspection.NOTHING; }
            public void close() {}
          };
        }
      }
      """;

  private static final String GUARD =
      """
      package test.guard;
      import dev.custos.spi.*;
      import dev.custos.spi.event.*;
      import dev.custos.spi.guard.*;
      import java.util.*;
      public class Provider implements GuardBackendProvider {
        public String name() { return "fanotify"; }
        public Availability probe() { return Availability.yes(); }
        public Set<PermissionKind> kinds() { return EnumSet.allOf(PermissionKind.class); }
        public GuardBackend open(BackendContext context) {
          return new GuardBackend() {
            public ApplyReport apply(GuardPlan plan) {
              List<PathState> rows = new ArrayList<>();
              for (Guard guard : plan.guards()) {
                guard.allow().forEach(path -> rows.add(row(guard, path)));
                guard.deny().forEach(path -> rows.add(row(guard, path)));
                for (FilePath path : guard.deny()) {
                  context.events().publish(
                      AccessDecided.builder(guard.subject(), plan.target().origin())
                          .time(context.clock().instant())
                          .kind(guard.kinds().iterator().next())
                          .response(AccessDecided.Response.DENY)
                          .path(path)
                          .rule("deny " + path)
                          .build());
                }
              }
              long active = rows.stream().filter(r -> r.state() == PathState.State.ACTIVE).count();
              return new ApplyReport(rows, 3 * (int) active);
            }
            private PathState row(Guard guard, FilePath path) {
              return path.toString().contains("/failed")
                  ? PathState.failed(guard.subject(), path, "EPERM; guarding needs CAP_SYS_ADMIN")
                  : PathState.active(guard.subject(), path);
            }
            public Inspection inspect() { return Inspection.NOTHING; }
            public void close() {}
          };
        }
      }
      """;

  private static final String SINK =
      """
      package test.sink;
      import dev.custos.spi.sink.*;
      import java.nio.charset.StandardCharsets;
      import java.util.List;
      public class Provider implements SinkProvider {
        public String name() { return "stdout"; }
        @SuppressWarnings("unchecked")
        public Sink open(SinkContext context) throws SinkException {
          List<String> lines = (List<String>) System.getProperties().get("custos.test.lines");
          String format = context.config().getString("format");
          return new Sink() {
            public WriteResult write(List<RenderedEvent> batch) throws SinkException {
              if (format.equals("broken-pipe")) {
                throw SinkException.permanent(
                    "the reader is gone", new java.io.IOException("write: EPIPE"));
              }
              if (format.equals("broken")) {
                throw SinkException.permanent("no such device", null);
              }
              for (RenderedEvent event : batch) {
                lines.add(format + " " + new String(event.line(), StandardCharsets.UTF_8));
              }
              return WriteResult.accepted(batch.size());
            }
            public void close() {}
          };
        }
      }
      """;

  final Path home;
  final List<String> lines = new CopyOnWriteArrayList<>();
  String input = "";
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  FakeHome(Path home) {
    this.home = home;
    PluginJar.named("fake-inotify")
        .extension("test.backend.Provider", BACKEND)
        .writeTo(home.resolve("plugins/backend.jar"));
    PluginJar.named("fake-fanotify")
        .extension("test.guard.Provider", GUARD)
        .writeTo(home.resolve("plugins/guard.jar"));
    PluginJar.named("fake-sinks")
        .extension("test.sink.Provider", SINK)
        .writeTo(home.resolve("plugins/sink.jar"));
  }

  /** Runs a command to its end and returns its exit code. */
  int run(String... arguments) {
    out.reset();
    err.reset();
    lines.clear();
    System.getProperties().put("custos.test.lines", lines);
    try {
      return Main.run(
          arguments,
          new Terminal(
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              home,
              home,
              false));
    } finally {
      System.getProperties().remove("custos.test.lines");
    }
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}

package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.format.NearestName;
import dev.custos.format.TemplateKind;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatchEvents;
import dev.custos.manifest.WatcherSpec;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos watch}: one watcher, described by options. */
final class WatchCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec = Options.command(this, "watch", "Watches files and directories.");
    spec.addOption(
        Options.value(
            "LIST",
            "What to report, separated by commas: access attrib closewrite closenowrite close"
                + " create delete deleteself modify moveself movedfrom movedto move open all."
                + " Default: all.",
            "-e",
            "--events"));
    SubjectOptions.describeTree(spec, "Watch");
    spec.addOption(Options.flag("--only-dir", "Watch a path only if it is a directory."));
    spec.addOption(
        Options.flag("--follow-move", "Go on under the new location when a path is moved."));
    SubjectOptions.describeLine(spec);
    SharedOptions.describe(spec);
    spec.addPositional(Options.operands("PATH", "1..*", "What to watch."));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.of(arguments, terminal);
    Manifest.Watcher watcher = watcher(arguments, terminal.workingDirectory());
    AgentSettings settings = shared.settings(terminal);
    NodeSnapshot snapshot =
        SnapshotBuilder.forHost(settings.node(), settings.node(), List.of(watcher));
    return new Session(terminal, shared).run(settings, snapshot);
  }

  /** The resource that says the same as the options. */
  static Manifest.Watcher watcher(ParseResult arguments, Path workingDirectory)
      throws CommandFailure {
    List<String> paths =
        SubjectOptions.absolute(arguments.matchedPositionalValue(0, List.of()), workingDirectory);
    WatcherSpec.Subject subject =
        new WatcherSpec.Subject(
            paths,
            events(Options.text(arguments, "--events", "all")),
            Options.texts(arguments, "--ignore"),
            Options.has(arguments, "--only-dir"),
            Options.has(arguments, "--recursive"),
            SubjectOptions.maxDepth(arguments),
            Options.has(arguments, "--follow-move"),
            SubjectOptions.tags(arguments));
    return new Manifest.Watcher(
        "ArgusWatcher",
        "",
        "watch",
        new WatcherSpec(
            LabelSelector.EVERYTHING,
            SubjectOptions.format(arguments, TemplateKind.WATCH),
            List.of(subject)));
  }

  /** Takes the words of a manifest, and the names as they are printed. */
  private static List<String> events(String list) throws CommandFailure {
    List<String> words = new ArrayList<>();
    for (String written : list.split(",", -1)) {
      String word = written.trim().toLowerCase(Locale.ROOT).replace("_", "");
      if (WatchEvents.changes(word).isEmpty()) {
        throw CommandFailure.wrongInput(
            "--events: \""
                + Printable.escape(written)
                + "\" is not an event"
                + NearestName.hint(written, WatchEvents.words()));
      }
      words.add(word);
    }
    return words;
  }
}

package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.format.LineTemplate;
import dev.custos.format.NearestName;
import dev.custos.format.TemplateException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    spec.addOption(
        Options.flag("--recursive", "Watch the whole tree below each path, also as it changes."));
    spec.addOption(
        Options.value("N", "Go N levels below each path; 0 for no limit.", "--max-depth"));
    spec.addOption(
        Options.values(
            "PATTERN",
            "Leave out names, or with a slash paths below, that match. May be repeated.",
            "--ignore"));
    spec.addOption(Options.flag("--only-dir", "Watch a path only if it is a directory."));
    spec.addOption(
        Options.flag("--follow-move", "Go on under the new location when a path is moved."));
    spec.addOption(Options.value("TEMPLATE", "How a line looks; see docs.", "--format"));
    spec.addOption(Options.values("K=V", "Print with every event. May be repeated.", "--tag"));
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
    List<String> paths = new ArrayList<>();
    for (String path : arguments.matchedPositionalValue(0, new String[0])) {
      paths.add(absolute(path, workingDirectory));
    }
    long depth = Options.number(arguments, "--max-depth", 0, 0);
    if (depth > Integer.MAX_VALUE) {
      throw CommandFailure.wrongInput("--max-depth: " + depth + " is more than any tree has");
    }
    WatcherSpec.Subject subject =
        new WatcherSpec.Subject(
            paths,
            events(Options.text(arguments, "--events", "all")),
            List.of(Options.texts(arguments, "--ignore")),
            Options.has(arguments, "--only-dir"),
            Options.has(arguments, "--recursive"),
            (int) depth,
            Options.has(arguments, "--follow-move"),
            tags(Options.texts(arguments, "--tag")));
    return new Manifest.Watcher(
        "ArgusWatcher",
        "",
        "watch",
        new WatcherSpec(
            LabelSelector.EVERYTHING,
            format(Options.text(arguments, "--format", null)),
            List.of(subject)));
  }

  /** Neither resolves links nor {@code ..}: that is the kernel's, and means something else. */
  private static String absolute(String path, Path workingDirectory) throws CommandFailure {
    if (path.isEmpty()) {
      throw CommandFailure.wrongInput("a path is empty");
    }
    if (path.indexOf('\ufffd') >= 0) {
      throw CommandFailure.wrongInput(
          "path \""
              + Printable.escape(path)
              + "\" is not valid UTF-8; watch the directory that it"
              + " is in");
    }
    StringBuilder whole = new StringBuilder();
    String from = path.startsWith("/") ? path : workingDirectory + "/" + path;
    for (String part : from.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        whole.append('/').append(part);
      }
    }
    return whole.length() == 0 ? "/" : whole.toString();
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

  private static Map<String, String> tags(String[] written) throws CommandFailure {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String tag : written) {
      int equals = tag.indexOf('=');
      if (equals <= 0) {
        throw CommandFailure.wrongInput(
            "--tag: \"" + Printable.escape(tag) + "\" is not of the form key=value");
      }
      tags.put(tag.substring(0, equals), tag.substring(equals + 1));
    }
    return tags;
  }

  private static String format(String template) throws CommandFailure {
    if (template == null) {
      return null;
    }
    try {
      LineTemplate.parse(template, TemplateKind.WATCH);
      return template;
    } catch (TemplateException e) {
      throw CommandFailure.wrongInput("--format: column " + e.column() + ": " + e.getMessage());
    }
  }
}

package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.format.NearestName;
import dev.custos.format.TemplateKind;
import dev.custos.manifest.GuardEvents;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos guard}: one guard, described by options. */
final class GuardCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(this, "guard", "Decides about accesses to files before they happen.");
    // Else a misspelt option would be one more path to deny.
    spec.parser().unmatchedOptionsAllowedAsOptionParameters(false);
    spec.addOption(
        Options.list(
            "PATH", "What must not be accessed. Deny wins where both are said.", "--deny"));
    spec.addOption(Options.list("PATH", "What may be accessed, and is reported.", "--allow"));
    spec.addOption(
        Options.value(
            "LIST",
            "What to decide about, separated by commas: open access execute all. Default: all,"
                + " which is open and access.",
            "-e",
            "--events"));
    spec.addOption(
        Options.value("all|denied", "Which answers to print. Default: all.", "--report"));
    spec.addOption(
        Options.flag("--observe", "Deny nothing; print WOULD_DENY where it would have been."));
    SubjectOptions.describeTree(spec, "Guard");
    spec.addOption(Options.flag("--only-dir", "Guard a path only if it is a directory."));
    spec.addOption(Options.flag("--whole-mount", "Guard the whole mount that a path lies on."));
    spec.addOption(
        Options.list("PATH", "Be about what these programs do, and nobody else.", "--executable"));
    spec.addOption(Options.list("UID", "Be about what these users do, and nobody else.", "--uid"));
    spec.addOption(
        Options.flag(
            "--auto-allow-owner", "Never deny the target's own process and its children."));
    spec.addOption(Options.flag("--audit", "Have the kernel log each answer as type=FANOTIFY."));
    SubjectOptions.describeLine(spec);
    SharedOptions.describe(spec);
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.of(arguments, terminal);
    Manifest.Guard guard = guard(arguments, terminal.workingDirectory());
    AgentSettings settings = shared.settings(terminal);
    NodeSnapshot snapshot =
        SnapshotBuilder.forHost(settings.node(), settings.node(), List.of(guard));
    return new Session(terminal, shared).run(settings, snapshot);
  }

  /** The resource that says the same as the options. */
  static Manifest.Guard guard(ParseResult arguments, Path workingDirectory) throws CommandFailure {
    List<String> allow =
        SubjectOptions.absolute(Options.texts(arguments, "--allow"), workingDirectory);
    List<String> deny =
        SubjectOptions.absolute(Options.texts(arguments, "--deny"), workingDirectory);
    if (allow.isEmpty() && deny.isEmpty()) {
      throw CommandFailure.wrongInput("guard needs a path: --deny PATH or --allow PATH");
    }
    GuardSpec.Subject subject =
        new GuardSpec.Subject(
            allow,
            deny,
            events(Options.text(arguments, "--events", GuardEvents.ALL)),
            Options.has(arguments, "--only-dir"),
            Options.has(arguments, "--auto-allow-owner"),
            Options.has(arguments, "--audit"),
            Options.has(arguments, "--whole-mount"),
            Options.has(arguments, "--recursive"),
            SubjectOptions.maxDepth(arguments),
            Options.texts(arguments, "--ignore"),
            processes(arguments, workingDirectory),
            SubjectOptions.tags(arguments));
    return new Manifest.Guard(
        "JanusGuard",
        "",
        "guard",
        new GuardSpec(
            LabelSelector.EVERYTHING,
            SubjectOptions.format(arguments, TemplateKind.GUARD),
            Options.has(arguments, "--observe") ? "Observe" : null,
            report(Options.text(arguments, "--report", "all")),
            List.of(subject)));
  }

  private static String report(String written) throws CommandFailure {
    return switch (written.toLowerCase(Locale.ROOT)) {
      case "all" -> "All";
      case "denied" -> "Denied";
      default ->
          throw CommandFailure.wrongInput(
              "--report: \"" + Printable.escape(written) + "\" is neither all nor denied");
    };
  }

  private static GuardSpec.Processes processes(ParseResult arguments, Path workingDirectory)
      throws CommandFailure {
    List<String> executables =
        SubjectOptions.absolute(Options.texts(arguments, "--executable"), workingDirectory);
    List<Integer> uids = new ArrayList<>();
    for (String uid : Options.texts(arguments, "--uid")) {
      uids.add(uid(uid));
    }
    return executables.isEmpty() && uids.isEmpty()
        ? null
        : new GuardSpec.Processes(executables, uids);
  }

  private static int uid(String written) throws CommandFailure {
    try {
      int uid = Integer.parseInt(written);
      if (uid >= 0) {
        return uid;
      }
    } catch (NumberFormatException e) {
      // Said below, like a negative number.
    }
    throw CommandFailure.wrongInput(
        "--uid: \""
            + Printable.escape(written)
            + "\" is not a user's number; id -u NAME prints it");
  }

  /** Takes the words of a manifest, and the names as they are printed. */
  private static List<String> events(String list) throws CommandFailure {
    List<String> words = new ArrayList<>();
    for (String written : list.split(",", -1)) {
      String lower = written.trim().toLowerCase(Locale.ROOT);
      String word =
          switch (lower) {
            case "open_perm" -> GuardEvents.OPEN;
            case "access_perm" -> GuardEvents.ACCESS;
            case "open_exec_perm" -> GuardEvents.EXECUTE;
            default -> lower;
          };
      if (!GuardEvents.words().contains(word)) {
        throw CommandFailure.wrongInput(
            "--events: \"" + Printable.escape(written) + "\" " + unknown(word));
      }
      words.add(word);
    }
    return words;
  }

  private static String unknown(String word) {
    if (WatchEvents.words().contains(word)) {
      return "can't be guarded: the kernel asks about open, access and execute alone";
    }
    String hint = NearestName.hint(word, GuardEvents.words());
    return "is not an event"
        + (hint.isEmpty() ? "; known are " + String.join(", ", GuardEvents.words()) : hint);
  }
}

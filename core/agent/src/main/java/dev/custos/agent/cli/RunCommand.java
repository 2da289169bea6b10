package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ReadResult;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.snapshot.SnapshotBuilder;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos run}: what manifests ask for, applied to this host. */
final class RunCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec = Options.command(this, "run", "Applies manifests to this host.");
    spec.addOption(
        Options.values(
            "PATH",
            "A manifest, a directory of them, or - for stdin. May be repeated.",
            "-f",
            "--file"));
    SharedOptions.describe(spec);
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.ofDaemon(arguments, terminal);
    List<String> files = Options.texts(arguments, "--file");
    if (files.isEmpty()) {
      throw CommandFailure.wrongInput("run needs manifests: -f FILE, -f DIRECTORY or -f -");
    }
    ReadResult read = ManifestFiles.read(files, terminal);
    ManifestFiles.say(read, terminal.err(), shared.quiet());
    if (read.hasErrors()) {
      throw CommandFailure.wrongInput("nothing was started, because of the errors above");
    }
    if (read.manifests().isEmpty()) {
      throw CommandFailure.wrongInput("there is no manifest in " + String.join(", ", files));
    }
    if (!shared.quiet() && anySelects(read.manifests())) {
      terminal.say("custos: selectors choose pods and are ignored here: all applies to this host");
    }
    AgentSettings settings = shared.settings(terminal);
    NodeSnapshot snapshot =
        SnapshotBuilder.forHost(settings.node(), settings.node(), read.manifests());
    if (snapshot.targets().isEmpty()) {
      throw CommandFailure.wrongInput("the manifests ask for nothing");
    }
    return new Session(terminal, shared).run(settings, snapshot);
  }

  private static boolean anySelects(List<Manifest> manifests) {
    for (Manifest manifest : manifests) {
      if (!manifest.selector().equals(LabelSelector.EVERYTHING)) {
        return true;
      }
    }
    return false;
  }
}

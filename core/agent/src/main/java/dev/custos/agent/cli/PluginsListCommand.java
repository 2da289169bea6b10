package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.SettingsReader;
import dev.custos.agent.bootstrap.SpiVersion;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginException;
import dev.custos.agent.plugin.Provided;
import dev.custos.spi.Availability;
import dev.custos.spi.event.Printable;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.scan.ScanBackendProvider;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.spi.watch.Capabilities;
import dev.custos.spi.watch.WatchBackendProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos plugins list}: what was found, from where, and whether it works here. */
final class PluginsListCommand implements Command {
  private static final List<String> HEAD =
      List.of("ROLE", "NAME", "PLUGIN", "VERSION", "FILE", "AVAILABLE", "CAPABILITIES");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(
            this, "list", "Lists what plugins provide, and whether it works on this machine.");
    spec.addOption(Options.value("FILE", "Read settings from FILE.", "-c", "--config"));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    String config = Options.text(arguments, "--config", null);
    try {
      AgentSettings settings =
          config == null
              ? AgentSettings.defaults(terminal.home())
              : SettingsReader.read(terminal.workingDirectory().resolve(config), terminal.home());
      try (PluginCatalog catalog =
          PluginCatalog.open(settings.pluginsDirectory(), SpiVersion.forPlugins())) {
        catalog.require(settings.requiredPlugins());
        print(rows(catalog, settings.pluginsDirectory()), terminal);
      }
      return ExitCode.OK;
    } catch (StartException e) {
      throw SharedOptions.failure(e);
    } catch (PluginException e) {
      throw new CommandFailure(ExitCode.CANNOT_RUN, e.getMessage(), e);
    }
  }

  private static List<List<String>> rows(PluginCatalog catalog, Path directory) {
    List<List<String>> rows = new ArrayList<>();
    for (Provided<WatchBackendProvider> p : catalog.watchBackends().values()) {
      Capabilities can = p.provider().capabilities();
      rows.add(
          row(
              "watch",
              p,
              directory,
              availability(p.provider().probe()),
              names(can.kinds())
                  + (can.nativeRecursion() ? ", native recursion" : "")
                  + (can.processFacts() ? ", process facts" : "")));
    }
    for (Provided<GuardBackendProvider> p : catalog.guardBackends().values()) {
      rows.add(
          row(
              "guard",
              p,
              directory,
              availability(p.provider().probe()),
              names(p.provider().kinds())));
    }
    for (Provided<ScanBackendProvider> p : catalog.scanBackends().values()) {
      rows.add(row("scan", p, directory, availability(p.provider().probe()), ""));
    }
    for (Provided<SinkProvider> p : catalog.sinks().values()) {
      rows.add(row("sink", p, directory, "yes", ""));
    }
    return rows;
  }

  private static List<String> row(
      String role, Provided<?> provided, Path directory, String available, String capabilities) {
    Path file = provided.plugin().file();
    return List.of(
        role,
        provided.name(),
        provided.plugin().id(),
        provided.plugin().version(),
        file.startsWith(directory) ? directory.relativize(file).toString() : file.toString(),
        available,
        capabilities);
  }

  private static String availability(Availability availability) {
    return (availability.available() ? "yes" : "no")
        + (availability.reason().isEmpty() ? "" : ": " + Printable.escape(availability.reason()));
  }

  private static String names(Collection<? extends Enum<?>> constants) {
    TreeSet<String> names = new TreeSet<>();
    for (Enum<?> constant : constants) {
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    return String.join(" ", names);
  }

  private static void print(List<List<String>> rows, Terminal terminal) {
    List<List<String>> all = new ArrayList<>();
    all.add(HEAD);
    all.addAll(rows);
    int[] widths = new int[HEAD.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      terminal.out().print(line.toString().stripTrailing() + "\n");
    }
    terminal.out().flush();
  }
}

package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.SettingsReader;
import dev.custos.agent.bootstrap.StartException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * What every command that runs the agent takes.
 *
 * @param count after how many events to end; 0 for never
 * @param duration after how long to end; null for never
 */
record SharedOptions(Path config, boolean json, long count, Duration duration, boolean quiet) {

  static void describe(CommandSpec spec) {
    spec.addOption(Options.value("FILE", "Read settings from FILE.", "-c", "--config"));
    spec.addOption(Options.flag("--json", "Print each event as a JSON object."));
    spec.addOption(Options.value("N", "End after N events were printed.", "--count"));
    spec.addOption(
        Options.value("DURATION", "End after this time, such as 500ms, 10s, 5m, 1h.", "--for"));
    spec.addOption(
        Options.flag("--quiet", "Say only on stderr what is wrong, not what goes well."));
  }

  static SharedOptions of(ParseResult arguments, Terminal terminal) throws CommandFailure {
    String config = Options.text(arguments, "--config", null);
    return new SharedOptions(
        config == null ? null : terminal.workingDirectory().resolve(config),
        Options.has(arguments, "--json"),
        Options.number(arguments, "--count", 1, 0),
        Options.duration(arguments, "--for"),
        Options.has(arguments, "--quiet"));
  }

  AgentSettings settings(Terminal terminal) throws CommandFailure {
    AgentSettings settings;
    try {
      settings =
          config == null
              ? AgentSettings.defaults(terminal.home())
              : SettingsReader.read(config, terminal.home());
    } catch (StartException e) {
      throw failure(e);
    }
    if ((json || count > 0) && !settings.hasStdout()) {
      throw CommandFailure.wrongInput(
          (json ? "--json" : "--count")
              + " is about standard output, and "
              + config
              + " has no sink of type stdout");
    }
    return settings.withStdout(json, count);
  }

  static CommandFailure failure(StartException e) {
    return new CommandFailure(
        e.isWrongInput() ? ExitCode.WRONG_INPUT : ExitCode.CANNOT_RUN, e.messages(), e);
  }
}

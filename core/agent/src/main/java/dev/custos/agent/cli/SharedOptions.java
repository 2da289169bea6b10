package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.MetricsSettings;
import dev.custos.agent.bootstrap.SettingsReader;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * What every command that runs the agent takes.
 *
 * @param configLook how the configuration's file looked before it was read; null without one
 * @param metrics where the command line wants metrics served; null if it says nothing
 * @param isDaemon whether this is one that stays: it serves metrics without being asked, and
 *     follows its configuration
 * @param count after how many events to end; 0 for never
 * @param duration after how long to end; null for never
 */
record SharedOptions(
    Path config,
    ConfigWatch.Look configLook,
    MetricsSettings metrics,
    boolean isDaemon,
    boolean json,
    long count,
    Duration duration,
    boolean quiet) {

  static void describe(CommandSpec spec) {
    spec.addOption(Options.value("FILE", "Read settings from FILE.", "-c", "--config"));
    spec.addOption(Options.flag("--json", "Print each event as a JSON object."));
    spec.addOption(Options.value("N", "End after N events were printed.", "--count"));
    spec.addOption(
        Options.value("DURATION", "End after this time, such as 500ms, 10s, 5m, 1h.", "--for"));
    spec.addOption(
        Options.value(
            "HOST:PORT",
            "Serve metrics, health and status there, or nowhere: off. Default: run and agent at"
                + " custos.metrics.address, others nowhere.",
            "--metrics"));
    spec.addOption(
        Options.flag("--quiet", "Say only on stderr what is wrong, not what goes well."));
  }

  /** The options of a command that runs for a while, watched by somebody. */
  static SharedOptions of(ParseResult arguments, Terminal terminal) throws CommandFailure {
    return of(arguments, terminal, false);
  }

  /** The options of a command that stays. */
  static SharedOptions ofDaemon(ParseResult arguments, Terminal terminal) throws CommandFailure {
    return of(arguments, terminal, true);
  }

  private static SharedOptions of(ParseResult arguments, Terminal terminal, boolean isDaemon)
      throws CommandFailure {
    String written = Options.text(arguments, "--config", null);
    Path config = written == null ? null : terminal.workingDirectory().resolve(written);
    return new SharedOptions(
        config,
        config == null ? null : ConfigWatch.Look.at(config),
        metrics(Options.text(arguments, "--metrics", null)),
        isDaemon,
        Options.has(arguments, "--json"),
        Options.number(arguments, "--count", 1, 0),
        Options.duration(arguments, "--for"),
        Options.has(arguments, "--quiet"));
  }

  private static MetricsSettings metrics(String text) throws CommandFailure {
    return text == null
        ? null
        : MetricsSettings.parse(text)
            .orElseThrow(
                () ->
                    CommandFailure.wrongInput(
                        "--metrics: \""
                            + Printable.escape(text)
                            + "\" is neither off nor of the form HOST:PORT"));
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
    return settings.withStdout(json, count).withMetrics(endpoint(settings));
  }

  private MetricsSettings endpoint(AgentSettings settings) {
    if (metrics != null) {
      return metrics;
    }
    return isDaemon ? settings.metrics() : MetricsSettings.NONE;
  }

  static CommandFailure failure(StartException e) {
    return new CommandFailure(
        e.isWrongInput() ? ExitCode.WRONG_INPUT : ExitCode.CANNOT_RUN, e.messages(), e);
  }
}

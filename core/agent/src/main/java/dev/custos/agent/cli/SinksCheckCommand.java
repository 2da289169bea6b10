package dev.custos.agent.cli;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.SettingsReader;
import dev.custos.agent.bootstrap.SinkCheck;
import dev.custos.agent.bootstrap.SpiVersion;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.format.SafeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos sinks check}: whether each sink takes an event. */
final class SinksCheckCommand implements Command {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(
            this,
            "check",
            "Sends one event, marked as a test, to each sink of a configuration, and says what"
                + " came of it. Exits with 0 only if all took it.");
    spec.addOption(Options.value("FILE", "Read settings from FILE.", "-c", "--config"));
    spec.addOption(
        Options.value("DURATION", "How long each sink may take. Default: 10s.", "--deadline"));
    spec.addOption(Options.flag("--json", "Print the results as a JSON array."));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    String config = Options.text(arguments, "--config", null);
    if (config == null) {
      throw CommandFailure.wrongInput("sinks check needs a configuration: -c FILE");
    }
    Duration given = Options.duration(arguments, "--deadline");
    Duration deadline = given == null ? DEADLINE : given;
    List<SinkCheck.Result> results;
    try {
      AgentSettings settings =
          SettingsReader.read(terminal.workingDirectory().resolve(config), terminal.home());
      results = SinkCheck.run(settings, SpiVersion.forPlugins(), deadline);
    } catch (StartException e) {
      throw SharedOptions.failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.INTERRUPTED;
    }
    if (Options.has(arguments, "--json")) {
      terminal.out().print(json(results) + "\n");
    } else {
      for (SinkCheck.Result result : results) {
        terminal.out().print(line(result) + "\n");
      }
    }
    terminal.out().flush();
    boolean all = results.stream().allMatch(r -> r.outcome() == SinkCheck.Outcome.SENT);
    return all ? ExitCode.OK : ExitCode.NOT_WELL;
  }

  private static String line(SinkCheck.Result result) {
    return result.sink()
        + " ("
        + SafeText.escape(result.type())
        + "): "
        + word(result)
        + (result.detail().isEmpty() ? "" : ": " + SafeText.escape(result.detail()))
        + " ("
        + result.took().toMillis()
        + " ms)";
  }

  private static String word(SinkCheck.Result result) {
    return result.outcome().name().toLowerCase(Locale.ROOT);
  }

  private static String json(List<SinkCheck.Result> results) {
    List<Object> rows = new ArrayList<>();
    for (SinkCheck.Result result : results) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("sink", result.sink());
      row.put("type", result.type());
      row.put("outcome", word(result));
      row.put("detail", result.detail());
      row.put("millis", result.took().toMillis());
      rows.add(row);
    }
    return ConfigValueFactory.fromIterable(rows).render(ConfigRenderOptions.concise());
  }
}

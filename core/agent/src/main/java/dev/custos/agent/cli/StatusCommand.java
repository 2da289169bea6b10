package dev.custos.agent.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import dev.custos.agent.bootstrap.HostPort;
import dev.custos.agent.bootstrap.MetricsSettings;
import dev.custos.agent.bootstrap.SettingsReader;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos status}: how a running agent stands, asked at its endpoint. */
final class StatusCommand implements Command {
  private static final int PATIENCE_MILLIS = 5000;

  /** More than an agent with every path failed would answer. */
  private static final int LONGEST = 16 << 20;

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(
            this, "status", "Shows how a running agent stands. Exits with 0 only if all is well.");
    spec.addOption(
        Options.value(
            "HOST:PORT",
            "Where the agent serves its metrics. Default: what -c says, or "
                + MetricsSettings.DEFAULT.address().orElseThrow()
                + ".",
            "--address"));
    spec.addOption(
        Options.value("FILE", "Take the address from the agent's settings.", "-c", "--config"));
    spec.addOption(Options.flag("--json", "Print the answer as it is, a JSON object."));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    HostPort address = address(arguments, terminal);
    String answer = ask(address);
    Config status = parse(answer, address);
    try {
      boolean healthy = status.getBoolean("healthy");
      if (Options.has(arguments, "--json")) {
        terminal.out().print(answer + "\n");
      } else {
        StatusText.of(status).forEach(line -> terminal.out().print(line + "\n"));
      }
      terminal.out().flush();
      return healthy ? ExitCode.OK : ExitCode.NOT_WELL;
    } catch (ConfigException e) {
      throw foreign(address);
    }
  }

  private static HostPort address(ParseResult arguments, Terminal terminal) throws CommandFailure {
    String text = Options.text(arguments, "--address", null);
    if (text != null) {
      return HostPort.parse(text, 1)
          .orElseThrow(
              () ->
                  CommandFailure.wrongInput(
                      "--address: \""
                          + Printable.escape(text)
                          + "\" is not of the form HOST:PORT"));
    }
    MetricsSettings metrics = MetricsSettings.DEFAULT;
    String config = Options.text(arguments, "--config", null);
    if (config != null) {
      try {
        metrics =
            SettingsReader.read(terminal.workingDirectory().resolve(config), terminal.home())
                .metrics();
      } catch (StartException e) {
        throw SharedOptions.failure(e);
      }
    }
    return metrics
        .address()
        .orElseThrow(
            () ->
                CommandFailure.wrongInput(
                    "custos.metrics.address is off in "
                        + config
                        + ": such an agent can't be"
                        + " asked"));
  }

  private static String ask(HostPort address) throws CommandFailure {
    try {
      URL url = new URL("http", address.host(), address.port(), "/status");
      HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      connection.setInstanceFollowRedirects(false);
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw foreign(address);
      }
      try (InputStream body = connection.getInputStream()) {
        return new String(body.readNBytes(LONGEST), StandardCharsets.UTF_8);
      }
    } catch (ConnectException e) {
      throw new CommandFailure(
          ExitCode.CANNOT_RUN,
          "no agent answers at "
              + address
              + ": "
              + e.getMessage()
              + "; is one running that serves metrics there? (custos run and custos agent do;"
              + " others with --metrics)",
          e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.CANNOT_RUN,
          "no agent answers at "
              + address
              + ": "
              + Printable.escape(String.valueOf(e.getMessage())),
          e);
    }
  }

  private static Config parse(String answer, HostPort address) throws CommandFailure {
    try {
      return ConfigFactory.parseString(
          answer, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    } catch (ConfigException e) {
      throw foreign(address);
    }
  }

  private static CommandFailure foreign(HostPort address) {
    return CommandFailure.cannotRun("what answers at " + address + " is no agent of this version");
  }
}

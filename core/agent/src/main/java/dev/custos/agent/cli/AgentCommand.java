package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.HostPort;
import dev.custos.spi.event.Printable;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos agent}: what a controller asks for, applied to this node. */
final class AgentCommand implements Command {

  // As the controller has it: a DNS subdomain (RFC 1123).
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(this, "agent", "Applies to this node what a controller asks for.");
    spec.addOption(Options.value("HOST:PORT", "Where the controller is.", "--controller"));
    spec.addOption(
        Options.flag(
            "--insecure",
            "Talk to it in plain text, and believe whoever answers. For a laptop only."));
    spec.addOption(
        Options.value(
            "NAME",
            "What the cluster calls this node. Default: custos.node, or the host's name.",
            "--node"));
    spec.addOption(
        Options.value(
            "DIR", "Where the last snapshot is kept. Default: custos.state.directory.", "--state"));
    SharedOptions.describe(spec);
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.ofDaemon(arguments, terminal);
    HostPort controller = address(Options.text(arguments, "--controller", null));
    if (!Options.has(arguments, "--insecure")) {
      throw CommandFailure.wrongInput(
          "the stream to a controller has no TLS yet, so it can only be had without protection;"
              + " say --insecure if that is what you want on this machine");
    }
    AgentSettings settings = shared.settings(terminal);
    String node = Options.text(arguments, "--node", settings.node());
    if (!NODE_NAME.matcher(node).matches()) {
      throw CommandFailure.wrongInput(
          "\""
              + Printable.escape(node)
              + "\" can't be a node's name: lower-case letters, digits, - and . make one; give it"
              + " with --node");
    }
    String state = Options.text(arguments, "--state", settings.stateDirectory().toString());
    return new LinkedSession(
            terminal, shared, controller, terminal.workingDirectory().resolve(state))
        .run(settings.withNode(node));
  }

  private static HostPort address(String text) throws CommandFailure {
    if (text == null) {
      throw CommandFailure.wrongInput("agent needs a controller: --controller HOST:PORT");
    }
    return HostPort.parse(text, 1)
        .orElseThrow(
            () ->
                CommandFailure.wrongInput(
                    "--controller: \""
                        + Printable.escape(text)
                        + "\" is not of the form HOST:PORT"));
  }
}

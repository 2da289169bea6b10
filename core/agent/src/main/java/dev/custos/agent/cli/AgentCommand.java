package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.ControllerSettings;
import dev.custos.agent.bootstrap.HostPort;
import dev.custos.agent.link.LinkSecurity;
import dev.custos.spi.event.Printable;
import java.time.Duration;
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
    spec.addOption(
        Options.value(
            "HOST:PORT",
            "Where the controller is. Default: custos.controller.address.",
            "--controller"));
    describeSecurity(spec);
    spec.addOption(
        Options.value(
            "DURATION",
            "How often the kernel is compared with what it should have; 0s for never. Default:"
                + " custos.controller.inspect.",
            "--inspect"));
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

  private static void describeSecurity(CommandSpec spec) {
    spec.addOption(
        Options.value(
            "FILE",
            "The authority that the controller's certificate comes from, PEM. Default:"
                + " custos.controller.ca.",
            "--ca"));
    spec.addOption(
        Options.value(
            "FILE",
            "The ServiceAccount token that proves who this is. Default: custos.controller.token.",
            "--token"));
    spec.addOption(
        Options.value(
            "NAME",
            "What the controller's certificate must be for. Default:"
                + " custos.controller.server-name, or the host of --controller.",
            "--server-name"));
    spec.addOption(
        Options.flag(
            "--insecure",
            "Talk to it in plain text, and believe whoever answers. For a laptop only."));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.ofDaemon(arguments, terminal);
    AgentSettings settings = shared.settings(terminal);
    HostPort controller =
        address(Options.text(arguments, "--controller", null), settings.controller());
    LinkSecurity security =
        LinkOptions.read(arguments, terminal.workingDirectory(), settings.controller());
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
            terminal,
            shared,
            controller,
            security,
            inspection(arguments, settings),
            terminal.workingDirectory().resolve(state))
        .run(settings.withNode(node));
  }

  private static Duration inspection(ParseResult arguments, AgentSettings settings)
      throws CommandFailure {
    Duration asked = Options.duration(arguments, "--inspect");
    return asked == null ? settings.controller().inspection() : asked;
  }

  private static HostPort address(String text, ControllerSettings settings) throws CommandFailure {
    if (text == null) {
      return settings
          .address()
          .orElseThrow(
              () ->
                  CommandFailure.wrongInput(
                      "agent needs a controller: --controller HOST:PORT, or"
                          + " custos.controller.address"));
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

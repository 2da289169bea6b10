package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos agent}: what a controller asks for, applied to this node. */
final class AgentCommand implements Command {
  private static final String STATE = "/var/lib/custos";
  private static final int HIGHEST_PORT = 65535;

  // As the controller has it: a DNS subdomain (RFC 1123).
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  /** Where a controller is. */
  record Address(String host, int port) {}

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
            "DIR", "Where the last snapshot is kept. Default: " + STATE + ".", "--state"));
    SharedOptions.describe(spec);
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    SharedOptions shared = SharedOptions.of(arguments, terminal);
    Address controller = address(Options.text(arguments, "--controller", null));
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
    Path state = terminal.workingDirectory().resolve(Options.text(arguments, "--state", STATE));
    return new LinkedSession(terminal, shared, controller, state).run(settings.withNode(node));
  }

  private static Address address(String text) throws CommandFailure {
    if (text == null) {
      throw CommandFailure.wrongInput("agent needs a controller: --controller HOST:PORT");
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1); // an IPv6 address, as RFC 3986 writes it
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (!host.isEmpty() && port > 0 && port <= HIGHEST_PORT) {
        return new Address(host, port);
      }
    } catch (NumberFormatException e) {
      // Said below, like everything else that is no address.
    }
    throw CommandFailure.wrongInput(
        "--controller: \"" + Printable.escape(text) + "\" is not of the form HOST:PORT");
  }
}

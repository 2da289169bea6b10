package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.ControllerSettings;
import dev.custos.agent.link.LinkSecurity;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.ParseResult;

/**
 * How the agent and its controller know each other. Apart from the command, so that the link's
 * classes are loaded only where there is a link.
 */
final class LinkOptions {
  private static final Pattern SERVER_NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,252})");

  private LinkOptions() {}

  /**
   * What the command line says, and the configuration where that is silent. {@code --insecure}
   * stands on the command line alone: nobody is to find it in a file that he did not write.
   */
  static LinkSecurity read(
      ParseResult arguments, Path workingDirectory, ControllerSettings settings)
      throws CommandFailure {
    if (!Options.has(arguments, "--insecure")) {
      return tls(arguments, workingDirectory, settings);
    }
    for (String option : List.of("--ca", "--token", "--server-name")) {
      if (Options.has(arguments, option)) {
        throw CommandFailure.wrongInput(
            "--insecure is plain text, which has no use for " + option + "; leave one of them out");
      }
    }
    return new LinkSecurity.PlainText();
  }

  private static LinkSecurity tls(
      ParseResult arguments, Path workingDirectory, ControllerSettings settings)
      throws CommandFailure {
    Optional<Path> ca = file(arguments, "--ca", workingDirectory).or(settings::ca);
    Optional<Path> token = file(arguments, "--token", workingDirectory).or(settings::token);
    if (ca.isEmpty() || token.isEmpty()) {
      throw CommandFailure.wrongInput(
          "agent needs "
              + (ca.isEmpty() ? "--ca FILE, to know the controller by" : "")
              + (ca.isEmpty() && token.isEmpty() ? ", and " : "")
              + (token.isEmpty() ? "--token FILE, to be known by it" : "")
              + "; or --insecure, for plain text on a laptop");
    }
    Optional<String> name =
        Optional.ofNullable(Options.text(arguments, "--server-name", null))
            .or(settings::serverName);
    if (name.isPresent() && !SERVER_NAME.matcher(name.get()).matches()) {
      throw CommandFailure.wrongInput(
          "--server-name: \"" + Printable.escape(name.get()) + "\" is not a DNS name");
    }
    return LinkSecurity.Tls.of(ca.get(), token.get(), name);
  }

  private static Optional<Path> file(ParseResult arguments, String option, Path workingDirectory) {
    return Optional.ofNullable(Options.text(arguments, option, null))
        .map(workingDirectory::resolve);
  }
}

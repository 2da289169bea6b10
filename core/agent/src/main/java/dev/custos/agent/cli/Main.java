package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.SpiVersion;
import dev.custos.spi.event.Printable;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program's entry: finds the command, runs it, and turns what fails into a line and a code. */
public final class Main {
  private static final List<String> NAMES =
      List.of(
          "watch",
          "guard",
          "run",
          "agent",
          "status",
          "sinks",
          "validate",
          "plugins",
          "format",
          "completion");

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    Preload.start(args);
    if (System.getProperty("slf4j.provider") == null) {
      // There is one, and looking for it takes as long as half of what it is for.
      System.setProperty("slf4j.provider", "org.slf4j.simple.SimpleServiceProvider");
      // Else it tells at each start that it was told so.
      System.setProperty("slf4j.internal.verbosity", "WARN");
    }
    exit(run(args, Terminal.ofProcess()));
  }

  /**
   * Ends the process with a status, unless a signal ends it already: then that one's counts. In
   * Java 17, {@link System#exit} with another status than 0 ends the process at once where the
   * hooks have run, before the thread that ran them has come to its own exit.
   */
  static void exit(int status) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread());
    } catch (IllegalStateException ending) {
      while (true) {
        LockSupport.park();
      }
    }
    System.exit(status);
  }

  /** Runs a command and returns its exit code. */
  static int run(String[] args, Terminal terminal) {
    boolean debug = Boolean.getBoolean("custos.debug") || List.of(args).contains("--debug");
    try {
      return dispatch(args, terminal);
    } catch (ParameterException e) {
      terminal.error(Printable.escape(e.getMessage()));
      terminal.say("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
      return ExitCode.WRONG_INPUT;
    } catch (CommandFailure e) {
      e.messages().forEach(terminal::error);
      if (debug) {
        e.printStackTrace(terminal.err());
      }
      return e.exitCode();
    } catch (RuntimeException | Error e) {
      terminal.error("this is a fault of custos itself: " + e + " (--debug shows where)");
      if (debug) {
        e.printStackTrace(terminal.err());
      }
      return ExitCode.CANNOT_RUN;
    }
  }

  private static int dispatch(String[] args, Terminal terminal) throws CommandFailure {
    // Only what is asked for is described to picocli: the rest would cost each start.
    boolean one = args.length > 0 && NAMES.contains(args[0]);
    CommandLine top = describe(one ? List.of(args[0]) : NAMES);
    ParseResult parsed = top.parseArgs(args);
    ParseResult chosen = parsed;
    while (chosen.hasSubcommand()) {
      chosen = chosen.subcommand();
    }
    CommandLine command = chosen.commandSpec().commandLine();
    if (chosen.isUsageHelpRequested()) {
      command.usage(terminal.out(), Ansi.OFF);
      return ExitCode.OK;
    }
    if (parsed.isVersionHelpRequested()) {
      terminal.out().println("custos " + SpiVersion.full());
      return ExitCode.OK;
    }
    if (chosen.commandSpec().userObject() instanceof Command action) {
      return action.run(chosen, terminal);
    }
    // "custos" or "custos plugins" alone: say what can follow.
    PrintWriter err = new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8);
    command.usage(err, Ansi.OFF);
    return ExitCode.WRONG_INPUT;
  }

  /** The program with these of its commands. */
  static CommandLine describe(List<String> names) {
    CommandSpec spec =
        Options.command(
            null, "custos", "Watches, guards and scans files, and loses nothing silently.");
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the version.")
            .build());
    for (String name : names) {
      spec.addSubcommand(name, subcommand(name));
    }
    spec.usageMessage()
        .footer(
            "",
            "Exit codes: 0 ended as asked, 1 the input is wrong, 2 it could not run,",
            "3 what was asked about is not well, 130 interrupted.");
    return new CommandLine(spec);
  }

  private static CommandSpec subcommand(String name) {
    if (name.equals("plugins")) {
      CommandSpec plugins = Options.command(null, name, "Shows what plugins provide.");
      plugins.addSubcommand("list", new PluginsListCommand().spec());
      return plugins;
    }
    if (name.equals("sinks")) {
      CommandSpec sinks = Options.command(null, name, "Tries the sinks of a configuration.");
      sinks.addSubcommand("check", new SinksCheckCommand().spec());
      return sinks;
    }
    Command command =
        switch (name) {
          case "watch" -> new WatchCommand();
          case "guard" -> new GuardCommand();
          case "run" -> new RunCommand();
          case "agent" -> new AgentCommand();
          case "status" -> new StatusCommand();
          case "validate" -> new ValidateCommand();
          case "format" -> new FormatCommand();
          case "completion" -> new CompletionCommand();
          default -> throw new IllegalArgumentException(name);
        };
    return command.spec();
  }

  /** The program with all commands. */
  static CommandLine describeAll() {
    return describe(NAMES);
  }
}

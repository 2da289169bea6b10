package dev.custos.agent.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos completion}: a script for the shell. */
final class CompletionCommand implements Command {
  @Override
  public CommandSpec spec() {
    return Options.command(
        this,
        "completion",
        "Prints a completion script for bash and zsh: source <(custos completion)");
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) {
    terminal.out().print(AutoComplete.bash("custos", Main.describeAll()));
    terminal.out().flush();
    return ExitCode.OK;
  }
}

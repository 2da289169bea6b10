package dev.custos.agent.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One thing that the program can be asked to do. */
interface Command {
  /** Its name, options and help. */
  CommandSpec spec();

  /**
   * Does it.
   *
   * @return the exit code
   */
  int run(ParseResult arguments, Terminal terminal) throws CommandFailure;
}

package dev.custos.controller.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 ended as asked, 1 the input is wrong, 2 it could not run. */
@Command(
    name = "custos-controller",
    description = "Turns custom resources into what each node's agent watches and guards.",
    mixinStandardHelpOptions = true,
    version = "custos-controller 0.1.0",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended as asked",
      "1:the input is wrong",
      "2:it could not run",
      "130:interrupted"
    },
    subcommands = {
      CrdsCommand.class,
      InstallCrdsCommand.class,
      RunCommand.class,
      SimulateCommand.class
    })
public final class CustosController implements Runnable {
  static final int INPUT_IS_WRONG = 1;
  static final int COULD_NOT_RUN = 2;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new CustosController());
    line.setParameterExceptionHandler(
        (fault, arguments) -> {
          CommandLine at = fault.getCommandLine();
          at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + fault.getMessage());
          at.getErr().println("Try '" + at.getCommandSpec().qualifiedName() + " --help'.");
          return INPUT_IS_WRONG;
        });
    line.setExecutionExceptionHandler(
        (fault, at, parsed) -> {
          at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + Faults.explain(fault));
          return COULD_NOT_RUN;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do");
  }
}

package dev.custos.agent.cli;

/** Ends a command with a message for the user and an exit code. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  CommandFailure(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  static CommandFailure wrongInput(String message) {
    return new CommandFailure(ExitCode.WRONG_INPUT, message, null);
  }

  static CommandFailure cannotRun(String message) {
    return new CommandFailure(ExitCode.CANNOT_RUN, message, null);
  }

  int exitCode() {
    return exitCode;
  }
}

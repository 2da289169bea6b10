package dev.custos.agent.cli;

import java.util.List;

/** Ends a command with what the user has to know, a line each, and an exit code. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  @SuppressWarnings("serial") // immutable, and nobody serializes it
  private final List<String> messages;

  CommandFailure(int exitCode, String message, Throwable cause) {
    this(exitCode, List.of(message), cause);
  }

  CommandFailure(int exitCode, List<String> messages, Throwable cause) {
    super(String.join("; ", messages), cause);
    this.exitCode = exitCode;
    this.messages = List.copyOf(messages);
  }

  static CommandFailure wrongInput(String message) {
    return new CommandFailure(ExitCode.WRONG_INPUT, message, null);
  }

  static CommandFailure cannotRun(String message) {
    return new CommandFailure(ExitCode.CANNOT_RUN, message, null);
  }

  List<String> messages() {
    return messages;
  }

  int exitCode() {
    return exitCode;
  }
}

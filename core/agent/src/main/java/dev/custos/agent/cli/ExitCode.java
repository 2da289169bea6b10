package dev.custos.agent.cli;

/** What the process ends with. */
final class ExitCode {
  /** It ended as it was asked to. */
  static final int OK = 0;

  /** The input is wrong: the command line, a manifest, a template, the configuration. */
  static final int WRONG_INPUT = 1;

  /** It could not run. */
  static final int CANNOT_RUN = 2;

  /** What was asked about is not well: an agent, a sink. */
  static final int NOT_WELL = 3;

  /** The terminal went away: as the JVM itself ends after SIGHUP. */
  static final int HUNG_UP = 129;

  /** Interrupted by SIGINT; the JVM itself makes it 143 after SIGTERM. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}

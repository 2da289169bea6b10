package dev.custos.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a command talks to.
 *
 * @param out for what was asked for: help, tables, samples; never for events, which sinks write
 * @param err for what the program says about itself
 * @param home the unpacked distribution
 * @param workingDirectory what relative paths are relative to
 * @param colours whether {@code err} shows them
 */
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Path home,
    Path workingDirectory,
    boolean colours) {

  /** The process's own. */
  static Terminal ofProcess() {
    String home = System.getProperty("custos.home", ".");
    return new Terminal(
        System.in,
        System.out,
        System.err,
        Path.of(home).toAbsolutePath(),
        Path.of("").toAbsolutePath(),
        System.getenv("NO_COLOR") == null && isTerminal("/proc/self/fd/2"));
  }

  private static boolean isTerminal(String descriptor) {
    try {
      String file = Files.readSymbolicLink(Path.of(descriptor)).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Says something, as one line and one write. */
  void say(String line) {
    err.print(line + "\n");
    err.flush();
  }

  /** Says that something is wrong. */
  void error(String message) {
    say((colours ? "\u001b[31mcustos:\u001b[0m " : "custos: ") + message);
  }
}

package dev.custos.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A process that is not the agent's and does with files what it is told: a shell, which opens them
 * itself. Backends treat their own process differently, and what it has started too, so accesses
 * are made here, and this one is nobody's child.
 */
public final class OtherProcess implements AutoCloseable {
  // The streams are this one's as long as it runs; it does nothing.
  private final Process keeper;
  private final ProcessHandle shell;
  private final Writer commands;
  private final BufferedReader answers;

  private OtherProcess(Process keeper) {
    this.keeper = keeper;
    this.commands = keeper.outputWriter(StandardCharsets.UTF_8);
    this.answers = keeper.inputReader(StandardCharsets.UTF_8);
    this.shell = ProcessHandle.of(Long.parseLong(ask("echo $$"))).orElseThrow();
  }

  public static OtherProcess start() {
    return start("/bin/sh");
  }

  /** One that belongs to a user, and to the group of the same number and no other. */
  public static OtherProcess startAs(int uid) {
    return start("setpriv --reuid=" + uid + " --regid=" + uid + " --clear-groups /bin/sh");
  }

  private static OtherProcess start(String shell) {
    try {
      // setsid ends at once, and leaves the shell to process 1. What keeps the streams does not
      // keep them from ending when the shell does.
      return new OtherProcess(
          new ProcessBuilder(
                  "/bin/sh", "-c", "setsid --fork " + shell + "; exec sleep 600 >/dev/null")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return shell.pid();
  }

  /** Whether it could open a file or directory for reading. */
  public boolean opens(Path path) {
    return succeeds("{ true; } < " + quoted(path));
  }

  /** Whether it could open a file and read a line of it. */
  public boolean reads(Path path) {
    return succeeds("{ read -r line; } < " + quoted(path));
  }

  /** Whether it could run a program that exits with 0. */
  public boolean executes(Path path) {
    return succeeds(quoted(path));
  }

  /** Whether a command of sh(1) exits with 0. */
  public boolean succeeds(String command) {
    return ask("if " + command + "; then echo yes; else echo no; fi").equals("yes");
  }

  /** Begins to open a file again and again; {@link #opened} waits for it. */
  public void beginToOpen(Path path, int times) {
    tell(
        "n=0; i=0; while [ $i -lt "
            + times
            + " ]; do i=$((i+1)); if { true; } < "
            + quoted(path)
            + "; then n=$((n+1)); fi; done; echo $n");
  }

  /** How many of the opens that were begun succeeded. */
  public int opened() {
    return Integer.parseInt(answer());
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  private String ask(String command) {
    tell(command);
    return answer();
  }

  private void tell(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("the other process ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    shell.destroyForcibly();
    keeper.destroyForcibly();
  }
}

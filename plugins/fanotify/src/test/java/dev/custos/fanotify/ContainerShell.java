package dev.custos.fanotify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A shell in what a container runtime makes for a container: a mount namespace of its own with an
 * overlay for a root, {@code /usr} of the host read-only, {@code /run} in memory, and {@code
 * /shared}, a directory of the host. All of it goes with the shell.
 */
final class ContainerShell implements AutoCloseable {
  private static final String SETUP =
      """
      set -e
      cd '%s'
      mkdir -p lower upper shared m
      cd lower; mkdir -p etc data usr proc old run shared dev
      ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib; ln -s usr/lib64 lib64; cd ..
      mount -t tmpfs tmpfs upper; mkdir upper/u upper/w
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper/u,workdir=upper/w m
      mount --bind /usr m/usr; mount -o remount,ro,bind m/usr
      mount -t tmpfs tmpfs m/run
      mount --bind shared m/shared
      mount -t proc proc m/proc
      cd m; pivot_root . old; cd /; umount -l /old
      exec /bin/sh
      """;

  private final Process keeper;
  private final Writer commands;
  private final BufferedReader answers;
  private final ProcessHandle shell;

  private ContainerShell(Process keeper) {
    this.keeper = keeper;
    this.commands = keeper.outputWriter(StandardCharsets.UTF_8);
    this.answers = keeper.inputReader(StandardCharsets.UTF_8);
    this.shell = ProcessHandle.of(Long.parseLong(ask("echo $$"))).orElseThrow();
  }

  /** Starts one in an empty directory. */
  static ContainerShell start(Path directory) throws IOException {
    Path setup =
        Files.writeString(directory.resolve("setup"), SETUP.formatted(directory.toString()));
    // Nobody's child: what the agent itself starts is never denied anything.
    String detached =
        "setsid --fork unshare -m --propagation private /bin/sh -c '. "
            + setup
            + "'; exec sleep 600 >/dev/null";
    return new ContainerShell(
        new ProcessBuilder("/bin/sh", "-c", detached)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  long pid() {
    return shell.pid();
  }

  boolean opens(String path) {
    return succeeds("{ true; } < " + path);
  }

  boolean succeeds(String command) {
    return ask("if " + command + "; then echo yes; else echo no; fi").equals("yes");
  }

  /** Makes a file with a line in it, and its directories, from outside. */
  void file(String path) throws IOException {
    Path outside = Path.of("/proc/" + pid() + "/root" + path);
    Files.createDirectories(outside.getParent());
    Files.writeString(outside, "a line\n");
  }

  private String ask(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("the container's shell ended");
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
    shell.onExit().join();
  }
}

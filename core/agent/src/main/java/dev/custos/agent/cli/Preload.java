package dev.custos.agent.cli;

import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import java.util.List;

/**
 * Loads the native calls beside the command line: both take a third of a start, and neither needs
 * the other.
 */
final class Preload implements Runnable {
  private static final List<String> RUNNING = List.of("watch", "guard", "run", "agent");

  private Preload() {}

  /** Starts it if the command is one that will need it. */
  static void start(String[] args) {
    if (args.length > 0 && RUNNING.contains(args[0])) {
      Thread thread = new Thread(new Preload(), "custos-preload");
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public void run() {
    try {
      PathOpener.openRoot("/").close();
    } catch (NativeException | LinkageError e) {
      // Whoever needs it meets the same, and can say what it was for.
      return;
    }
  }
}

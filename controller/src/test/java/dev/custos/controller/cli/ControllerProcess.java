package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/** {@code custos-controller run --insecure --port 0} in a process of its own. */
final class ControllerProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready: agents connect to port (\\d+)\\R");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final int port;

  private ControllerProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Agents are let in when this returns. */
  static ControllerProcess start(Path kubeconfig) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            CustosController.class.getName(),
            "run",
            "--insecure",
            "--port",
            "0");
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    // A file, because a pipe that nobody reads would hold the program up when it is full.
    Path said = Files.createTempFile(kubeconfig.toAbsolutePath().getParent(), "controller", ".log");
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      return new ControllerProcess(process, awaitPort(process, said));
    } catch (AssertionError | ConditionTimeoutException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  int port() {
    return port;
  }

  /** Asks it to end, and says whether it did. */
  boolean stop() throws InterruptedException {
    process.destroy();
    return process.waitFor(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static int awaitPort(Process process, Path said) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              // In this order: what it said last is there once it has ended.
              boolean alive = process.isAlive();
              String text = Files.readString(said);
              Matcher ready = READY.matcher(text);
              if (ready.find()) {
                return Integer.parseInt(ready.group(1));
              }
              assertThat(alive).as("the program ended early:\n" + text).isTrue();
              return 0;
            },
            found -> found != 0);
  }
}

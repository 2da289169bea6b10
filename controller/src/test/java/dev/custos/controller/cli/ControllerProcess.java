package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/** {@code custos-controller run --insecure --port 0} in a process of its own. */
final class ControllerProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready: agents connect to port (\\d+)\\R");
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Process process;
  private final Path said;

  // A run of tests that is killed leaves nothing behind.
  private final Thread atExit;

  private ControllerProcess(Process process, Path said) {
    this.process = process;
    this.said = said;
    this.atExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** One that is alone. Agents are let in when this returns. */
  static ControllerProcess start(Path kubeconfig) throws IOException {
    ControllerProcess process = launch(kubeconfig, "--no-leader-election");
    try {
      process.awaitPort();
      return process;
    } catch (AssertionError | ConditionTimeoutException e) {
      process.close();
      throw e;
    }
  }

  /** One in plain text. Returns at once. */
  static ControllerProcess launch(Path kubeconfig, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--insecure"));
    all.addAll(List.of(options));
    return launchWith(kubeconfig, all);
  }

  /** One with these options and a free port. Returns at once. */
  static ControllerProcess launchWith(Path kubeconfig, List<String> options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CustosController.class.getName(),
                "run",
                "--port",
                "0",
                "--metrics-port",
                "0"));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    // A file, because a pipe that nobody reads would hold the program up when it is full.
    Path said = Files.createTempFile(kubeconfig.toAbsolutePath().getParent(), "controller", ".log");
    return new ControllerProcess(
        builder.redirectErrorStream(true).redirectOutput(said.toFile()).start(), said);
  }

  /** Where it serves, or served last; 0 if it never did. */
  int port() throws IOException {
    return READY
        .matcher(said())
        .results()
        .reduce((one, next) -> next)
        .map(m -> Integer.parseInt(m.group(1)))
        .orElse(0);
  }

  /** How often it became the leader. */
  long terms() throws IOException {
    return READY.matcher(said()).results().count();
  }

  /** All that it has said so far. */
  String said() throws IOException {
    return Files.readString(said);
  }

  /** Where it serves. */
  int awaitPort() {
    awaitTerms(1);
    try {
      return port();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has become the leader that often. */
  void awaitTerms(int times) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              // In this order: what it said last is there once it has ended.
              boolean alive = process.isAlive();
              long terms = terms();
              if (terms < times) {
                assertThat(alive).as("the program ended early:\n" + said()).isTrue();
              }
              return terms >= times;
            });
  }

  void awaitSaid(String text) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(said()).contains(text));
  }

  /** Asks it to end, and says whether it did. */
  boolean stop() throws InterruptedException {
    process.destroy();
    return process.waitFor(60, TimeUnit.SECONDS);
  }

  /** Has it do nothing until {@link #resume}. */
  void pause() throws IOException, InterruptedException {
    Signals.stop(process);
  }

  void resume() throws IOException, InterruptedException {
    Signals.resume(process);
  }

  /** Ends it without a chance to do anything about it. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}

package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A syslog server as a process, which writes each record it gets as a line of {@code out.log}. */
abstract class ServerProcess implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  final Path folder;
  final int port;
  private Process process;

  ServerProcess(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.port = Ports.freePort();
  }

  abstract ProcessBuilder command() throws IOException;

  abstract boolean isReady() throws IOException;

  final void start() throws IOException {
    process =
        command()
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("said").toFile()))
            .start();
    await(
        "the server listens",
        () -> {
          assertThat(process.isAlive()).as("%s", said()).isTrue();
          return isReady();
        });
  }

  String said() throws IOException {
    Path said = folder.resolve("said");
    return Files.exists(said) ? Files.readString(said) : "";
  }

  final ProcessHandle handle() {
    return process.toHandle();
  }

  /** Ends it as an administrator does, once it has written everything. */
  final void stop() {
    process.destroy();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Ends it as a power cut does. */
  final void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** The records so far; undecodable bytes would show as U+FFFD. */
  final List<String> records() throws IOException {
    Path out = folder.resolve("out.log");
    if (!Files.exists(out)) {
      return List.of();
    }
    String text = new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
    // The last one may be written in part.
    int end = text.lastIndexOf('\n');
    return end < 0 ? List.of() : List.of(text.substring(0, end).split("\n", -1));
  }

  /** The records, once there are this many. */
  final List<String> records(int atLeast) throws IOException {
    await(atLeast + " records", () -> records().size() >= atLeast);
    return records();
  }

  static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(condition);
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}

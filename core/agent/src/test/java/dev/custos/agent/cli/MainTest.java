package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void aProcessThatASignalEndsHasTheStatusOfThatSignal() throws Exception {
    Process child = start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    child.waitFor();

    assertThat(child.exitValue()).as(output).isEqualTo(ExitingChild.SIGNAL_STATUS);
  }

  private static Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ExitingChild.class.getName())
        .redirectErrorStream(true)
        .start();
  }
}

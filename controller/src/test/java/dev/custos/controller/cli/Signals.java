package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** What kill(1) sends. */
final class Signals {
  private Signals() {}

  /** Has a process do nothing, and keep all its connections. */
  static void stop(Process process) throws IOException, InterruptedException {
    send("STOP", process);
  }

  /** Has it go on. */
  static void resume(Process process) throws IOException, InterruptedException {
    send("CONT", process);
  }

  private static void send(String name, Process process) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }
}

package dev.custos.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A container of a {@link ContainerdRuntime}, which also removes it in the end. */
final class RunningContainer {
  private final ContainerdRuntime runtime;
  private final ContainerRequest request;

  RunningContainer(ContainerdRuntime runtime, ContainerRequest request) {
    this.runtime = runtime;
    this.request = request;
  }

  /** The 64 digits alone. */
  String id() {
    return request.id();
  }

  /** As {@code containerStatuses[].containerID} has it. */
  String containerId() {
    return "containerd://" + id();
  }

  String podUid() {
    return request.pod();
  }

  /** Its first process, as the host numbers it. */
  long pid() throws IOException {
    return Long.parseLong(Files.readString(runtime.bundle(id()).resolve("init.pid")).strip());
  }

  /** A file of it, as the host reaches it: {@code /proc/PID/root/...}. */
  Path file(String path) throws IOException {
    return Path.of("/proc/" + pid() + "/root" + path);
  }

  /** Runs a script of the shell in it, as {@code kubectl exec} does. */
  Exec sh(String script) throws IOException, InterruptedException {
    // ctr drops what it has not read yet from its pipes when the command has ended: with other work
    // on the machine, all of it. So the shell writes to a file, wherever it can make one.
    String said = "/dev/said-" + ContainerdRuntime.newId().substring(0, 16);
    String redirect = "if true 2>/dev/null >" + said + "; then exec >" + said + " 2>&1; fi\n";
    Exec exec = exec("/bin/sh", "-c", redirect + script);
    try {
      return new Exec(exec.exit(), new String(Files.readAllBytes(file(said)), UTF_8));
    } catch (NoSuchFileException noFile) {
      return exec;
    }
  }

  /** Runs a command in it, as {@code kubectl exec} does. */
  Exec exec(String... command) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("task", "exec", "--fifo-dir", runtime.fifos().toString(), "--exec-id"));
    arguments.addAll(List.of("x" + ContainerdRuntime.newId().substring(0, 16), id()));
    arguments.addAll(List.of(command));
    return runtime.tryCtr(arguments.toArray(String[]::new));
  }

  /** Ends it as the kernel's OOM killer does; the runtime has noticed when this returns. */
  void kill() throws IOException, InterruptedException {
    runtime.tryCtr("task", "kill", "-s", "KILL", id());
    await("container " + id() + " stops")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(this::isStopped);
  }

  private boolean isStopped() throws IOException, InterruptedException {
    for (String line : runtime.ctr("task", "ls").split("\n", -1)) {
      if (line.startsWith(id() + " ")) {
        return line.contains("STOPPED");
      }
    }
    return true;
  }

  /** Runs it again under its old id, as docker does; with the files that it left behind. */
  void startAgain() throws IOException, InterruptedException {
    runtime.tryCtr("task", "rm", "-f", id());
    runtime.ctr("task", "start", "-d", "--null-io", id());
  }

  /** Kills it and starts a new one in its place, with an id of its own, as the kubelet does. */
  RunningContainer restart() throws IOException, InterruptedException {
    kill();
    RunningContainer next = request.again().run();
    remove();
    return next;
  }

  /** Ends it and removes all that is left of it. */
  void remove() throws IOException, InterruptedException {
    runtime.remove(id());
  }

  /**
   * What came of a command in a container.
   *
   * @param text what it printed, its errors too
   */
  record Exec(int exit, String text) {}
}

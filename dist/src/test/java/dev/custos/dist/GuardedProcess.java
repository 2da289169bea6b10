package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * A launcher with an agent that guards. Whoever opens a guarded file is a process of its own with a
 * deadline, so that a missing answer is a failure and no hang.
 */
final class GuardedProcess implements AutoCloseable {
  private static final int OPENED_WITHIN_SECONDS = 25;
  private static final int KILLED_AFTER_SECONDS = 120;

  private final CustosProcess custos;

  private GuardedProcess(CustosProcess custos) {
    this.custos = custos;
  }

  /** Starts {@code custos run} with manifests; it is killed if it should outlive its test. */
  static GuardedProcess run(Map<String, String> environment, Path manifest, Path config)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Distribution.launcher().toString(), "run", "--quiet", "-f", manifest.toString()));
    if (config != null) {
      command.addAll(List.of("-c", config.toString()));
    }
    return start(environment, command);
  }

  /** Starts any launcher's command. */
  static GuardedProcess start(Map<String, String> environment, List<String> launched)
      throws IOException {
    boolean root = "root".equals(System.getProperty("user.name"));
    Assumptions.assumeTrue(
        root || "true".equals(System.getenv("CI")), "guarding needs the rights of root");
    // Not timeout(1) in the foreground of all: it would be the one that signals are sent to.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,HUP"));
    command.addAll(launched);
    CustosProcess custos = CustosProcess.start(environment, command);
    String kill =
        "timeout "
            + KILLED_AFTER_SECONDS
            + " tail --pid="
            + custos.pid()
            + " -f /dev/null;"
            + " [ $? -ne 124 ] || kill -9 "
            + custos.pid();
    new ProcessBuilder("/bin/sh", "-c", kill).start();
    return new GuardedProcess(custos);
  }

  /** A manifest that denies some paths and allows others, and reports all that it decides. */
  static String manifest(List<Path> deny, List<Path> allow) {
    return """
        apiVersion: januscontroller.clustergarage.io/v1alpha1
        kind: JanusGuard
        metadata: {name: web, namespace: default}
        spec:
          logFormat: "{allow} {path}"
          subjects:
            - deny: %s
              allow: %s
              events: [open]
        """
        .formatted(quoted(deny), quoted(allow));
  }

  private static List<String> quoted(List<Path> paths) {
    return paths.stream().map(path -> '"' + path.toString() + '"').toList();
  }

  CustosProcess custos() {
    return custos;
  }

  /** Returns as soon as what was started is the launcher: until then, signals are ignored. */
  void awaitLauncher() {
    Path name = Path.of("/proc/" + custos.pid() + "/comm");
    await("the launcher")
        .atMost(CustosProcess.DEADLINE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> !Files.readString(name).trim().matches("java|jspawnhelper|env"));
  }

  /** The JVM that the launcher started, once there is one other than {@code before}. */
  long agent(long before) {
    return await("the agent's JVM")
        .atMost(CustosProcess.DEADLINE)
        .until(() -> findAgent().filter(pid -> pid != before), Optional::isPresent)
        .orElseThrow();
  }

  private Optional<Long> findAgent() {
    return ProcessHandle.of(custos.pid()).stream()
        .flatMap(ProcessHandle::children)
        .filter(GuardedProcess::isJava)
        .map(ProcessHandle::pid)
        .findFirst();
  }

  private static boolean isJava(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/comm")).trim().equals("java");
    } catch (IOException ended) {
      return false;
    }
  }

  void signalAgent(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(agent(-1))).start().waitFor();
  }

  /** Whether another process can open a file for reading; fails if it gets no answer at all. */
  static boolean opens(Path file) {
    try {
      Process head =
          new ProcessBuilder(
                  "timeout",
                  "-s",
                  "KILL",
                  Integer.toString(OPENED_WITHIN_SECONDS),
                  "head",
                  "-c1",
                  file.toString())
              .redirectErrorStream(true)
              .start();
      head.getInputStream().readAllBytes();
      int status = head.waitFor();
      assertThat(status).as("an open of %s gets its answer", file).isIn(0, 1);
      return status == 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Has 64 processes open both of them again and again, and each gets every answer it should. */
  static void answerMany(Path allowed, Path denied) throws IOException, InterruptedException {
    String opener =
        "for (1 .. 64) { next if fork; for (1 .. 50) { open(F, '<', $ARGV[0]) or die $!;"
            + " open(F, '<', $ARGV[1]) and die 'opened'; } exit 0 }"
            + " while (wait() > 0) { $bad ||= $? } exit($bad ? 1 : 0)";
    ScratchMount.run(
        "timeout", "-s", "KILL", "60", "perl", "-e", opener, allowed.toString(), denied.toString());
  }

  /** Returns as soon as a file is denied: the guard is in force. */
  void awaitDenied(Path file) {
    await(file + " is denied; stderr: " + custos.err())
        .atMost(CustosProcess.DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !opens(file));
  }

  /** Returns as soon as a line on stderr or stdout has this in it. */
  void awaitTold(String part) {
    await("a line with " + part + " in " + custos.err() + custos.out())
        .atMost(CustosProcess.DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> has(custos.err(), part) || has(custos.out(), part));
  }

  private static boolean has(List<String> lines, String part) {
    return lines.stream().anyMatch(line -> line.contains(part));
  }

  @Override
  public void close() {
    custos.close();
  }
}

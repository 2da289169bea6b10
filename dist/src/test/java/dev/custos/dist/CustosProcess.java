package dev.custos.dist;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real start of the launcher, with what it printed so far. Closing kills what is left of it. */
final class CustosProcess implements AutoCloseable {
  /** Far more than anything here takes, so that only a hang reaches it. */
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  private CustosProcess(Process process) {
    this.process = process;
    this.readers =
        List.of(read(process.getInputStream(), out), read(process.getErrorStream(), err));
  }

  /** Starts {@code bin/custos} of the distribution. */
  static CustosProcess custos(String... arguments) throws IOException {
    return custos(Map.of(), arguments);
  }

  static CustosProcess custos(Map<String, String> environment, String... arguments)
      throws IOException {
    return start(environment, launch(List.of(), arguments));
  }

  /** As {@link #custos}, with a command that starts it elsewhere: {@code nsenter ...}. */
  static CustosProcess custosBehind(List<String> before, String... arguments) throws IOException {
    return start(Map.of(), launch(before, arguments));
  }

  private static List<String> launch(List<String> before, String... arguments) {
    List<String> command = new ArrayList<>(before);
    // A build in the background may ignore SIGINT, or SIGHUP under nohup, and so would its
    // children.
    command.addAll(List.of("env", "--default-signal=INT,HUP", Distribution.launcher().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Starts any command. */
  static CustosProcess start(Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    // The launcher is to find the JVM that runs the tests; the build's own settings are not for it.
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("CUSTOS_JAVA_OPTS");
    builder.environment().remove("CUSTOS_LOG");
    builder.environment().putAll(environment);
    return new CustosProcess(builder.start());
  }

  /** Returns as soon as every watch and every guard is in place. */
  CustosProcess awaitReady() {
    await("ready line")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              if (err.stream().anyMatch(line -> line.contains("ready: "))) {
                return true;
              }
              if (!process.isAlive()) {
                throw new AssertionError("ended before it was ready: " + err);
              }
              return false;
            });
    return this;
  }

  /** Returns as soon as stdout has had this line. */
  void awaitLine(String line) {
    await("line " + line)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> out.contains(line));
  }

  /** Returns the exit status, once everything that was printed has been read. */
  int awaitExit() throws InterruptedException {
    if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running after " + DEADLINE + "; stderr: " + err);
    }
    for (Thread reader : readers) {
      reader.join();
    }
    return process.exitValue();
  }

  /** The launcher has become the JVM, or passes signals on to it. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** The launcher's, which is the JVM's own where nothing can be guarded. */
  long pid() {
    return process.pid();
  }

  /** The JVM's, which the launcher watches over or has become. */
  long jvm() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .filter(one -> one.info().command().orElse("").endsWith("/java"))
        .findFirst()
        .orElse(process.toHandle())
        .pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Lines of stdout so far. */
  List<String> out() {
    return List.copyOf(out);
  }

  /** Lines of stderr so far. */
  List<String> err() {
    return List.copyOf(err);
  }

  /** As the end of a pod does: its watchdog first, which would otherwise start it again. */
  void killAll() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    process.onExit().join();
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().join());
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Thread read(InputStream stream, List<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader text =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                // The process was killed by close().
                lines.add("(unreadable: " + e.getMessage() + ")");
              }
            });
    reader.setDaemon(true);
    reader.start();
    return reader;
  }
}

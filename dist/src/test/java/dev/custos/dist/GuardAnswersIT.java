package dev.custos.dist;

import static dev.custos.dist.GuardedProcess.opens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.custos.RotatingFileSinkProvider;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guarded open is answered, whatever else of the agent is slow, broken or short of something. */
@Timeout(value = 110, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuardAnswersIT {
  // A guard that is busy on a machine that is busy too is not to be ended for that here.
  private static final String PATIENT = "guard.deadline = 20s";

  // So many that two readers share the work, with as many records underway as there can be.
  private static final int ROUNDS = 3;

  @TempDir Path temporary;
  private Path dir;
  private Path denied;
  private Path allowed;

  @BeforeEach
  void filesToGuard() throws IOException {
    dir = temporary.toRealPath();
    denied = Files.writeString(dir.resolve("denied"), "secret\n");
    allowed = Files.writeString(dir.resolve("allowed"), "page\n");
  }

  @Test
  void whileNobodyReadsStandardOutput() throws Exception {
    Path fifo = pipe("stdout");
    String command =
        "exec '"
            + Distribution.launcher()
            + "' run --quiet -f '"
            + manifest()
            + "' -c '"
            + conf(PATIENT)
            + "' 1<>'"
            + fifo
            + "'";
    try (GuardedProcess guarded =
        GuardedProcess.start(Map.of(), List.of("/bin/sh", "-c", command))) {
      guarded.awaitDenied(denied);
      GuardedProcess.answerMany(allowed, denied);
    }
  }

  @Test
  void whileASinkThrowsAndAnotherNeverReturns() throws Exception {
    Path plugins = Files.createDirectory(dir.resolve("plugins"));
    for (Path jar : Distribution.jars("plugins")) {
      Files.copy(jar, plugins.resolve(jar.getFileName()));
    }
    Path sample =
        Path.of(
            RotatingFileSinkProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    Files.copy(sample, plugins.resolve("sample.jar"));
    Path never = pipe("never");
    try (RandomAccessFile reader = new RandomAccessFile(never.toFile(), "rw");
        GuardedProcess guarded =
            GuardedProcess.run(
                Map.of(),
                manifest(),
                conf(
                    PATIENT
                        + "\n  plugins.directory = \""
                        + plugins
                        + "\"\n  sinks.throws { type = rotating-file, path = \"/dev/full\" }"
                        + "\n  sinks.never { type = rotating-file, path = \""
                        + never
                        + "\" }"))) {
      assertThat(reader.getFD().valid()).isTrue();
      guarded.awaitDenied(denied);
      GuardedProcess.answerMany(allowed, denied);
    }
  }

  @Test
  void withFewDescriptorsManyAtOnceAreAnswered() throws Exception {
    List<String> command =
        List.of(
            "prlimit",
            "--nofile=125:125",
            Distribution.launcher().toString(),
            "run",
            "--quiet",
            "-f",
            manifest().toString(),
            "-c",
            conf(PATIENT).toString());
    try (GuardedProcess guarded = GuardedProcess.start(Map.of(), command)) {
      guarded.awaitDenied(denied);
      for (int i = 0; i < ROUNDS; i++) {
        GuardedProcess.answerMany(allowed, denied);
      }
      assertThat(guarded.custos().out()).noneMatch(line -> line.contains("limit-reached"));
    }
  }

  @Test
  void withoutADescriptorLeftOneAccessIsDeniedAndTheNextIsAnswered() throws Exception {
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest(), conf(PATIENT))) {
      guarded.awaitDenied(denied);
      long agent = guarded.agent(-1);
      ScratchMount.run(
          "prlimit", "--pid", Long.toString(agent), "--nofile=" + firstFree(agent) + ":");
      await("an access that gets a descriptor of the reserve")
          .atMost(CustosProcess.DEADLINE)
          .until(() -> opens(allowed));
      assertThat(opens(denied)).isFalse();
    }
  }

  /** The number that the next descriptor of a process gets. */
  private static int firstFree(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      List<Integer> numbers = open.map(fd -> Integer.valueOf(fd.getFileName().toString())).toList();
      return IntStream.iterate(0, i -> i + 1)
          .filter(i -> !numbers.contains(i))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A pipe that nobody reads: whoever writes to it waits as soon as it is full. */
  private Path pipe(String name) throws Exception {
    Path fifo = dir.resolve(name);
    ScratchMount.run("mkfifo", fifo.toString());
    return fifo;
  }

  private Path manifest() throws IOException {
    return Files.writeString(
        dir.resolve("guard.yaml"), GuardedProcess.manifest(List.of(denied), List.of(allowed)));
  }

  private Path conf(String settings) throws IOException {
    return Files.writeString(dir.resolve("custos.conf"), "custos {\n  " + settings + "\n}\n");
  }
}

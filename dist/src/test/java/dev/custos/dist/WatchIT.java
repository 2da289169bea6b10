package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.CustosProcess.custos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code custos watch}, on real files, as a process of its own. */
class WatchIT {
  private static final String FORMAT = "{event} {path}{sep}{file}";

  @TempDir Path dir;

  @Test
  void everyChangeOfATreeIsALine() throws Exception {
    Files.createDirectory(dir.resolve("old"));
    try (CustosProcess custos = watch("--recursive", "--events", "all").awaitReady()) {
      Path made = Files.createDirectory(dir.resolve("old/new"));
      custos.awaitLine("CREATE " + made);
      Path file = Files.writeString(made.resolve("file"), "text");
      custos.awaitLine("CLOSE_WRITE " + file);
      Path moved = Files.move(file, dir.resolve("moved"));
      custos.awaitLine("MOVED_TO " + moved);
      Files.delete(moved);
      custos.awaitLine("DELETE " + moved);

      assertThat(custos.out())
          .contains("CREATE " + file, "MODIFY " + file, "MOVED_FROM " + file, "OPEN " + file);
    }
  }

  @Test
  void theReadmesCommandPrintsWhatTheReferenceWouldPrint() throws Exception {
    try (CustosProcess custos =
        custos("watch", "--recursive", "--events", "all", "--tag", "foo=bar", dir.toString())) {
      custos.awaitReady();
      Files.createFile(dir.resolve("file"));
      String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      custos.awaitLine("CREATE file '" + dir + "/file' (" + host + ":" + host + ") foo=bar");
    }
  }

  @Test
  void stdoutHoldsEventsAndNothingElse() throws Exception {
    try (CustosProcess custos =
        custos(
            Map.of("CUSTOS_LOG", "debug"),
            "watch",
            "--events",
            "create",
            "--format",
            FORMAT,
            dir.toString())) {
      custos.awaitReady();
      Files.createFile(dir.resolve("one"));
      custos.awaitLine("CREATE " + dir + "/one");
      custos.signal("TERM");
      custos.awaitExit();

      assertThat(custos.out()).containsExactly("CREATE " + dir + "/one");
    }
  }

  @Test
  void anInterruptEndsItWithinASecondWithEveryEventPrinted() throws Exception {
    int files = 500;
    try (CustosProcess custos = watch("--events", "create").awaitReady()) {
      for (int i = 0; i < files; i++) {
        Files.createFile(dir.resolve("f" + i));
      }
      custos.awaitLine("CREATE " + dir + "/f" + (files - 1));

      long start = System.nanoTime();
      custos.signal("INT");
      assertThat(custos.awaitExit()).isEqualTo(130);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      assertThat(custos.out()).hasSize(files).doesNotHaveDuplicates();
    }
  }

  @Test
  void aReaderThatGoesAwayEndsItQuietly() throws Exception {
    String pipe = "\"$0\" watch --events create --format '%s' \"$1\" | head -n 1".formatted(FORMAT);
    List<String> command =
        List.of(
            "bash",
            "-c",
            "set -o pipefail; " + pipe,
            Distribution.launcher().toString(),
            dir.toString());
    try (CustosProcess both = CustosProcess.start(Map.of(), command)) {
      both.awaitReady();
      int[] count = {0};
      await("end after the first line")
          .atMost(DEADLINE)
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                Files.createFile(dir.resolve("f" + count[0]++));
                return !both.isAlive();
              });

      assertThat(both.awaitExit()).isZero();
      assertThat(both.out()).containsExactly("CREATE " + dir + "/f0");
      assertThat(both.err()).hasSize(1).allMatch(line -> line.contains("ready: watching"));
    }
  }

  @Test
  void aNameIsOneLineWhateverItsBytes() throws Exception {
    try (CustosProcess custos = watch("--events", "create").awaitReady()) {
      // Newline, escape sequence, invalid UTF-8, right-to-left override, C1 control; then a mark.
      create(
          "'a\\nb'", "'\\033[31mred'", "'x\\377y'", "'\\342\\200\\256rtl'", "'\\302\\205'", "mark");
      custos.awaitLine("CREATE " + dir + "/mark");

      assertThat(custos.out())
          .hasSize(6)
          .allMatch(line -> line.startsWith("CREATE " + dir + "/"))
          .allMatch(line -> line.chars().allMatch(c -> c >= ' ' && c < 0x7f))
          .contains(
              "CREATE " + dir + "/a\\nb",
              "CREATE " + dir + "/\\x1b[31mred",
              "CREATE " + dir + "/x\\xffy");
    }
  }

  @Test
  void jsonIsOneObjectPerLineWhateverTheNamesBytes() throws Exception {
    try (CustosProcess custos = custos("watch", "--events", "create", "--json", dir.toString())) {
      custos.awaitReady();
      create("'a\\nb'", "'\\033[31mred'", "'x\\377y'", "'\\342\\200\\256rtl'", "'quo\"te'", "mark");
      await("six lines").atMost(DEADLINE).until(() -> custos.out().size() == 6);

      // JSON is YAML 1.2, for which a reader is on the class path.
      assertThat(custos.out())
          .allMatch(line -> line.startsWith("{") && line.endsWith("}"))
          .allSatisfy(
              line ->
                  assertThat(new Load(LoadSettings.builder().build()).loadFromString(line))
                      .isInstanceOf(Map.class));
    }
  }

  @Test
  void theCountEndsItAfterSoManyEvents() throws Exception {
    try (CustosProcess custos = watch("--events", "create", "--count", "2").awaitReady()) {
      for (int i = 0; i < 5; i++) {
        Files.createFile(dir.resolve("f" + i));
      }

      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.out()).containsExactly("CREATE " + dir + "/f0", "CREATE " + dir + "/f1");
    }
  }

  @Test
  void theDurationEndsItWithoutAnyEvent() throws Exception {
    try (CustosProcess custos = watch("--events", "create", "--for", "100ms")) {
      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.out()).isEmpty();
    }
  }

  @Test
  void aPathWithBytesThatAreNoAsciiIsWatched() throws Exception {
    Path named = Files.createDirectory(dir.resolve("grüße-日本"));
    try (CustosProcess custos =
        custos("watch", "--events", "create", "--format", FORMAT, named.toString())) {
      custos.awaitReady();
      Files.createFile(named.resolve("ß"));
      custos.awaitLine("CREATE " + named + "/ß");
    }
  }

  @Test
  void aPathThatIsNotThereIsNamed() throws Exception {
    try (CustosProcess custos = custos("watch", "--for", "5s", dir + "/missing")) {
      await("the path on stderr")
          .atMost(DEADLINE)
          .until(() -> custos.err().stream().anyMatch(line -> line.contains(dir + "/missing")));
    }
  }

  @Test
  void aLimitThatIsMetIsSaidAndWhatFitsIsWatched(@TempDir Path settings) throws Exception {
    for (int i = 0; i < 12; i++) {
      Files.createDirectory(dir.resolve("d" + i));
    }
    Path file =
        Files.writeString(
            settings.resolve("custos.conf"), "custos.backends.inotify.max-per-target = 8");
    try (CustosProcess custos =
        watch("--config", file.toString(), "--recursive", "--events", "create").awaitReady()) {
      Path made = Files.createFile(dir.resolve("file"));
      custos.awaitLine("CREATE " + made);

      assertThat(custos.err())
          .anyMatch(
              line ->
                  line.contains(dir + ": failed")
                      && line.contains("custos.backends.inotify.max-per-target is 8"));
      assertThat(custos.out()).anyMatch(line -> line.startsWith("LOST " + dir));
    }
  }

  @Test
  void aSettingThatTheWatchingPluginDoesNotHaveIsNamed(@TempDir Path settings) throws Exception {
    Path file =
        Files.writeString(
            settings.resolve("custos.conf"), "custos.backends.inotify.max-per-targt = 8");
    try (CustosProcess custos = watch("--config", file.toString())) {
      assertThat(custos.awaitExit()).isNotZero();
      assertThat(custos.err())
          .anyMatch(
              line ->
                  line.contains(file.toString())
                      && line.contains("custos.backends.inotify.max-per-targt")
                      && line.contains("max-per-target"));
    }
  }

  @Test
  void withoutAControllerNothingOfGrpcOrProtobufIsLoaded() throws Exception {
    Path log = dir.resolveSibling(dir.getFileName() + "-classes.log");
    try (CustosProcess custos =
        custos(
            Map.of("CUSTOS_JAVA_OPTS", "-Xlog:class+load:file=" + log),
            "watch",
            "--events",
            "create",
            "--count",
            "1",
            dir.toString())) {
      custos.awaitReady();
      Files.createFile(dir.resolve("file"));
      assertThat(custos.awaitExit()).isZero();

      assertThat(Files.readAllLines(log))
          .anyMatch(line -> line.contains(" dev.custos.agent.cli.Main "))
          .noneMatch(line -> line.contains(" io.grpc.") || line.contains(" com.google.protobuf."));
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private CustosProcess watch(String... options) throws IOException {
    String[] arguments = new String[options.length + 4];
    arguments[0] = "watch";
    System.arraycopy(options, 0, arguments, 1, options.length);
    arguments[options.length + 1] = "--format";
    arguments[options.length + 2] = FORMAT;
    arguments[options.length + 3] = dir.toString();
    return custos(arguments);
  }

  /** Makes empty files of names that Java can't spell; printf(1) can. */
  private void create(String... names) throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder("set -e; cd \"$0\"\n");
    for (String name : names) {
      script.append(": >\"$(printf ").append(name).append(")\"\n");
    }
    assertThat(
            new ProcessBuilder("bash", "-c", script.toString(), dir.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }
}

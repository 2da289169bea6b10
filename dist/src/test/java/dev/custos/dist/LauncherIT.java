package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/custos}: which JVM, which folder, which class archive. */
class LauncherIT {
  private static final String MAIN = " dev.custos.agent.cli.Main ";

  @TempDir Path dir;

  @Test
  void theArchiveOfTheBuildIsUsed() throws Exception {
    assertThat(Distribution.home().resolve("lib/custos.jsa")).exists();
    assertThat(sourceOfMain(Distribution.launcher())).contains("source: shared objects file");
  }

  @Test
  void anotherFolderWorksAndIsSilent() throws Exception {
    Path home = copy(dir.resolve("with a space"));
    assertThat(sourceOfMain(home.resolve("bin/custos"))).contains("custos-agent");
  }

  @Test
  void anotherFolderGetsAnArchiveOfItsOwn() throws Exception {
    Path home = copy(dir.resolve("unpacked"));
    try (CustosProcess archive = start(home.resolve("bin/custos-archive").toString())) {
      assertThat(archive.awaitExit()).as("%s", archive.err()).isZero();
    }
    assertThat(sourceOfMain(home.resolve("bin/custos"))).contains("source: shared objects file");
  }

  @Test
  void aSymbolicLinkFindsTheDistribution() throws Exception {
    Path link = Files.createSymbolicLink(dir.resolve("custos"), Distribution.launcher());
    try {
      assertThat(sourceOfMain(link)).contains("source: shared objects file");
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void nothingIsUnpackedToATemporaryFolder() throws Exception {
    try (CustosProcess custos =
        start(
            Map.of("CUSTOS_JAVA_OPTS", "-Djava.io.tmpdir=" + dir.resolve("missing")),
            Distribution.launcher().toString(),
            "watch",
            "--for",
            "1ms",
            dir.toString())) {
      assertThat(custos.awaitExit()).as("%s", custos.err()).isZero();
    }
  }

  @Test
  void aJavaThatIsTooOldIsRefusedWithoutStartingIt() throws Exception {
    Path old = Files.createDirectories(dir.resolve("jdk-11/bin")).getParent();
    Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho started\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    try (CustosProcess custos =
        start(Map.of("JAVA_HOME", old.toString()), Distribution.launcher().toString(), "--help")) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.out()).isEmpty();
      assertThat(custos.err())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("11.0.2", "17 or later", java.toString()));
    }
  }

  @Test
  void aJavaHomeWithoutAJavaIsNamed() throws Exception {
    try (CustosProcess custos =
        start(Map.of("JAVA_HOME", dir.toString()), Distribution.launcher().toString(), "--help")) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.err())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("JAVA_HOME", dir.toString()));
    }
  }

  /** Where the JVM took the main class from, in the words of its log. */
  private String sourceOfMain(Path launcher) throws Exception {
    Path log = Files.createTempFile(dir, "classes", ".log");
    try (CustosProcess custos =
        start(
            Map.of("CUSTOS_JAVA_OPTS", "-Xlog:class+load:file=\"" + log + "\""),
            launcher.toString(),
            "--help")) {
      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.err()).isEmpty();
    }
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains(MAIN))
        .findFirst()
        .orElseThrow();
  }

  private static CustosProcess start(String... command) throws IOException {
    return start(Map.of(), command);
  }

  private static CustosProcess start(Map<String, String> environment, String... command)
      throws IOException {
    return CustosProcess.start(environment, List.of(command));
  }

  /** As an archiver would unpack it: the files' times are kept. */
  private static Path copy(Path target) throws IOException, InterruptedException {
    List<String> command = List.of("cp", "-a", Distribution.home().toString(), target.toString());
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return target;
  }
}

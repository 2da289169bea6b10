package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./custos}, in a checkout whose build is a script: when it builds, and what it says. */
class CheckoutLauncherTest {
  private static final String BUILD =
      """
      echo started >>"$PWD/builds"
      echo '[INFO] Building Custos SPI 1.0 [1/2]'
      mkdir -p dist/target/custos-1.0/bin
      printf '#!/bin/sh\\necho "ran $*"\\nexit 7\\n' >dist/target/custos-1.0/bin/custos
      chmod +x dist/target/custos-1.0/bin/custos
      echo custos-1.0 >dist/target/custos.built
      """;

  @TempDir Path dir;

  @BeforeEach
  void checkout() throws IOException {
    Path script = dir.resolve("custos");
    // Tests run in the module's folder.
    Files.copy(Path.of("../custos"), script);
    assertThat(script.toFile().setExecutable(true)).isTrue();
    for (String folder :
        List.of("bin", "core", "plugins", "controller", "dist", "spi/api/src/main/java")) {
      Files.createDirectories(dir.resolve(folder));
    }
    Files.createFile(dir.resolve("pom.xml"));
    Files.createFile(dir.resolve("spi/api/src/main/java/One.java"));
    Files.createFile(dir.resolve("spi/api/src/main/java/Two.java"));
    mvnIs(BUILD);
  }

  @Test
  void theFirstStartBuildsAndThenBecomesTheDistributionsLauncher() throws Exception {
    try (CustosProcess custos = start("watch", "a b")) {
      assertThat(custos.awaitExit()).isEqualTo(7);
      assertThat(custos.out()).containsExactly("ran watch a b");
      assertThat(custos.err()).contains("custos:   [1/2] Custos SPI");
    }
  }

  @Test
  void aStartWithoutChangesNeitherBuildsNorSaysAnything() throws Exception {
    run();
    try (CustosProcess custos = start()) {
      custos.awaitExit();
      assertThat(custos.err()).isEmpty();
    }
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void anEditedSourceIsBuilt() throws Exception {
    run();
    edit(dir.resolve("spi/api/src/main/java/One.java"));
    run();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void aDeletedSourceIsBuilt() throws Exception {
    run();
    Files.delete(dir.resolve("spi/api/src/main/java/One.java"));
    edit(dir.resolve("spi/api/src/main/java"));
    run();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void whatIsEditedDuringABuildIsBuiltAtTheNextStart() throws Exception {
    mvnIs("touch -d '1 second' spi/api/src/main/java/One.java\n" + BUILD);
    run();
    run();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void twoStartsAtOnceBuildOnce() throws Exception {
    Path gate = dir.resolve("gate");
    assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
    mvnIs("echo started >build-began\nread -r line <gate\n" + BUILD);
    try (CustosProcess first = start()) {
      await("the build").atMost(DEADLINE).until(() -> Files.exists(dir.resolve("build-began")));
      try (CustosProcess second = start()) {
        await("the second start to wait")
            .atMost(DEADLINE)
            .until(() -> second.err().stream().anyMatch(line -> line.contains("waiting")));
        Files.writeString(gate, "go\n");

        assertThat(first.awaitExit()).isEqualTo(7);
        assertThat(second.awaitExit()).isEqualTo(7);
      }
    }
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aFailedBuildShowsItsErrorsAndWhereItsLogIs() throws Exception {
    mvnIs(
        """
        echo '[INFO] Building Custos SPI 1.0 [1/2]'
        echo '[ERROR] One.java:[3,5] cannot find symbol'
        echo '[ERROR] -> [Help 1]'
        echo '[ERROR] To see the full stack trace, run Maven with -e'
        printf '\\033[0m'
        exit 1
        """);
    try (CustosProcess custos = start()) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.out()).isEmpty();
      assertThat(custos.err())
          .contains("[ERROR] One.java:[3,5] cannot find symbol")
          .noneMatch(line -> line.contains("-e"))
          .anyMatch(line -> line.contains(dir + "/dist/target/custos-build.log"));
      assertThat(dir.resolve("dist/target/custos-build.log")).exists();
    }
  }

  @Test
  void withoutMavenItSaysWhatToInstall() throws Exception {
    Files.delete(dir.resolve("bin/mvn"));
    for (String tool : List.of("sh", "mkdir", "flock", "find")) {
      Files.writeString(
          dir.resolve("bin").resolve(tool), "#!/bin/sh\nexec /usr/bin/" + tool + " \"$@\"\n");
      assertThat(dir.resolve("bin").resolve(tool).toFile().setExecutable(true)).isTrue();
    }
    try (CustosProcess custos =
        CustosProcess.start(
            Map.of("PATH", dir.resolve("bin").toString()), List.of(dir + "/custos"))) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.err())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("mvn", "install Maven 3.8.7"));
    }
  }

  /** A file in the place of the folder: the one thing that keeps even root from writing there. */
  @Test
  void whereNothingCanBeWrittenItSaysSo() throws Exception {
    Files.createFile(dir.resolve("dist/target"));
    try (CustosProcess custos = start()) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.err())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("dist/target is not writable"));
    }
  }

  private void mvnIs(String script) throws IOException {
    Path mvn = Files.writeString(dir.resolve("bin/mvn"), "#!/bin/sh\nset -e\n" + script);
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
  }

  private CustosProcess start(String... arguments) throws IOException {
    String path = dir.resolve("bin") + ":" + System.getenv("PATH");
    List<String> command = new ArrayList<>(List.of(dir + "/custos"));
    command.addAll(List.of(arguments));
    return CustosProcess.start(Map.of("PATH", path), command);
  }

  private void run() throws IOException, InterruptedException {
    try (CustosProcess custos = start()) {
      assertThat(custos.awaitExit()).as("%s", custos.err()).isEqualTo(7);
    }
  }

  private long builds() throws IOException {
    return Files.readAllLines(dir.resolve("builds")).size();
  }

  /** The kernel's clock for files is coarse: an edit is put where it certainly is the newest. */
  private static void edit(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
  }
}

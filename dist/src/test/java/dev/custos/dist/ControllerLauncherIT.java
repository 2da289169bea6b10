package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/custos-controller}, from the distribution as it is. */
class ControllerLauncherIT {
  @TempDir Path dir;

  @Test
  void itPrintsTheDefinitionsThatAreShippedBesideIt() throws Exception {
    try (CustosProcess controller = start(Map.of(), "crds")) {
      assertThat(controller.awaitExit()).as("%s", controller.err()).isZero();
      assertThat(controller.err()).isEmpty();
      String printed = String.join("\n", controller.out());
      for (String kind : List.of("arguswatchers", "fimwatchers", "janusguards")) {
        assertThat(printed).contains("name: \"" + kind + ".");
      }
    }
    assertThat(Distribution.home().resolve("kubernetes/crds"))
        .isDirectoryContaining("glob:**.yaml");
    assertThat(Distribution.home().resolve("kubernetes/1-controller-roles.yaml")).exists();
  }

  @Test
  void itMeasuresWithoutACluster() throws Exception {
    try (CustosProcess controller =
        start(
            Map.of(),
            "simulate",
            "--agents",
            "5",
            "--pods",
            "20",
            "--watchers",
            "3",
            "--additions",
            "5")) {
      assertThat(controller.awaitExit()).as("%s", controller.err()).isZero();
      assertThat(controller.out()).hasSize(9);
    }
  }

  @Test
  void wrongInputIsAnExitCodeAndASentence() throws Exception {
    try (CustosProcess controller = start(Map.of(), "run", "--port", "many")) {
      assertThat(controller.awaitExit()).isEqualTo(1);
      assertThat(String.join("\n", controller.err())).contains("--port").doesNotContain("\tat ");
    }
  }

  @Test
  void aJavaHomeWithoutAJavaIsNamed() throws Exception {
    try (CustosProcess controller = start(Map.of("JAVA_HOME", dir.toString()), "--help")) {
      assertThat(controller.awaitExit()).isEqualTo(2);
      assertThat(controller.err())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("JAVA_HOME", dir.toString()));
    }
  }

  @Test
  void noneOfItsLibrariesIsOnTheAgentsClassPath() throws Exception {
    assertThat(Distribution.jars("lib/controller"))
        .extracting(jar -> jar.getFileName().toString())
        .anyMatch(jar -> jar.startsWith("kubernetes-client-"))
        .anyMatch(jar -> jar.startsWith("custos-controller-"))
        .anyMatch(jar -> jar.startsWith("logback-classic-"));
    assertThat(Distribution.jars("lib"))
        .extracting(jar -> jar.getFileName().toString())
        .noneMatch(jar -> jar.contains("kubernetes") || jar.contains("logback"))
        .noneMatch(jar -> jar.startsWith("custos-controller"));
  }

  private static CustosProcess start(Map<String, String> environment, String... arguments)
      throws Exception {
    Path launcher = Distribution.home().resolve("bin/custos-controller");
    assertThat(Files.isExecutable(launcher)).isTrue();
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    return CustosProcess.start(environment, command);
  }
}

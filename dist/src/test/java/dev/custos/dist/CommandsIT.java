package dev.custos.dist;

import static dev.custos.dist.CustosProcess.custos;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands other than {@code watch}, as a user meets them. */
class CommandsIT {
  private static final String GOOD =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata:
        name: web
        namespace: default
      spec:
        selector:
          matchLabels:
            app: web
        logFormat: "{event} {path}{sep}{file} {watcher}"
        subjects:
          - paths:
              - DIR
            events:
              - create
      """;

  @TempDir Path dir;

  @Test
  void validateTellsEveryFaultOfEveryFileAtOnce() throws Exception {
    Path one =
        Files.writeString(dir.resolve("one.yaml"), manifest().replace("- create", "- creat"));
    Path two =
        Files.writeString(
            dir.resolve("two.yaml"),
            manifest().replace("{watcher}", "{wacher}").replace("- create", "- modfy"));
    try (CustosProcess custos = custos("validate", one.toString(), two.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(String.join("\n", custos.err()) + String.join("\n", custos.out()))
          .contains("one.yaml:15", "ArgusWatcher", "default/web", "spec.subjects[0].events[0]")
          .contains("did you mean \"create\"")
          .contains("two.yaml:10", "spec.logFormat", "watcher")
          .contains("two.yaml:15", "did you mean \"modify\"")
          .doesNotContain("\tat ", "Exception");
    }
  }

  @Test
  void validateIsContentWithGoodManifests() throws Exception {
    Path good = Files.writeString(dir.resolve("good.yaml"), manifest());
    try (CustosProcess custos = custos("validate", good.toString())) {
      assertThat(custos.awaitExit()).isZero();
    }
  }

  @Test
  void runAppliesManifestsToThisHostAndSaysThatTheSelectorIsIgnored() throws Exception {
    Path manifests = Files.createDirectory(dir.resolve("manifests"));
    Path watched = Files.createDirectory(dir.resolve("watched"));
    Files.writeString(manifests.resolve("web.yaml"), GOOD.replace("DIR", watched.toString()));
    try (CustosProcess custos = custos("run", "-f", manifests.toString())) {
      custos.awaitReady();
      Files.createFile(watched.resolve("file"));
      custos.awaitLine("CREATE " + watched + "/file web");
      assertThat(custos.err()).anyMatch(line -> line.contains("selector"));

      custos.signal("INT");
      assertThat(custos.awaitExit()).isEqualTo(130);
    }
  }

  @Test
  void runRefusesABadManifestBeforeItWatchesAnything() throws Exception {
    Path bad =
        Files.writeString(dir.resolve("bad.yaml"), manifest().replace("- create", "- creat"));
    try (CustosProcess custos = custos("run", "-f", bad.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(custos.out()).isEmpty();
      assertThat(custos.err()).anyMatch(line -> line.contains("did you mean \"create\""));
    }
  }

  @Test
  void pluginsListShowsWhatIsThereAndWhetherItWorks() throws Exception {
    try (CustosProcess custos = custos("plugins", "list")) {
      assertThat(custos.awaitExit()).isZero();
      assertThat(String.join("\n", custos.out()))
          .containsPattern(
              "watch +inotify +inotify +\\S+ +custos-plugin-inotify-\\S+ +yes +access attrib")
          .containsPattern("guard +fanotify +")
          .containsPattern("sink +stdout +sinks +\\S+ +custos-plugin-sinks-\\S+ +yes");
    }
  }

  @Test
  void formatShowsWhatATemplateGives() throws Exception {
    try (CustosProcess custos = custos("format", "{event} {path}{sep}{file}")) {
      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.out()).isNotEmpty().anyMatch(line -> line.startsWith("MODIFY /"));
    }
  }

  @Test
  void formatTellsTheColumnOfAFault() throws Exception {
    try (CustosProcess custos = custos("format", "{event} {pth}")) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(String.join("\n", custos.err()))
          .contains("column 10", "pth", "path")
          .doesNotContain("\tat ");
    }
  }

  /** A setting of the sample is commented out without a space after its sign; prose has one. */
  @Test
  void theSampleConfigurationHoldsForTheAgentAsItIsAndWithAllOfItsSettings() throws Exception {
    String sample = Files.readString(Distribution.home().resolve("conf/custos.conf"));
    String all = sample.replaceAll("(?m)^( *)#(?=[^ \\n])", "$1");
    assertThat(all).contains("\n  apply.deadline = ").isNotEqualTo(sample);
    for (String text : new String[] {sample, all}) {
      Path file = Files.writeString(dir.resolve("custos.conf"), text);
      try (CustosProcess custos =
          custos("watch", "-c", file.toString(), "--for", "1ms", dir.toString())) {
        assertThat(custos.awaitExit()).as("%s", custos.err()).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"aply.deadline = 1s, aply", "'home = \"/x\"', home", "'sinks { }', sinks"})
  void aSettingThatCannotBeIsNamed(String setting, String key) throws Exception {
    Path file = Files.writeString(dir.resolve("custos.conf"), "custos { " + setting + " }");
    try (CustosProcess custos =
        custos("watch", "-c", file.toString(), "--for", "1ms", dir.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(String.join("\n", custos.err()))
          .contains("custos.conf", key)
          .doesNotContain("\tat ");
    }
  }

  @Test
  void everyCommandHasHelp() throws Exception {
    for (String command :
        new String[] {"watch", "run", "validate", "plugins", "format", "status", "sinks"}) {
      try (CustosProcess custos = custos(command, "--help")) {
        assertThat(custos.awaitExit()).as(command).isZero();
        assertThat(String.join("\n", custos.out()))
            .as(command)
            .contains("Usage: custos " + command);
      }
    }
  }

  @Test
  void anUnknownOptionIsAnErrorThatPointsToTheHelp() throws Exception {
    try (CustosProcess custos = custos("watch", "--recursiv", dir.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(String.join("\n", custos.err())).contains("--recursiv").doesNotContain("\tat ");
    }
  }

  private String manifest() {
    return GOOD.replace("DIR", dir.toString());
  }
}

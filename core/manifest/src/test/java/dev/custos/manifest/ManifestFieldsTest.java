package dev.custos.manifest;

import static dev.custos.manifest.Examples.GUARD;
import static dev.custos.manifest.Examples.WATCHER;
import static dev.custos.manifest.Examples.faults;
import static dev.custos.manifest.Examples.faultsOfSubject;
import static dev.custos.manifest.Examples.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each field may hold, and what is said of what it may not. */
class ManifestFieldsTest {
  @Test
  void aMisspeltEventIsToldWithFileLineFieldAndSuggestion() {
    assertThat(faults(WATCHER.replace("- modify", "- modfy")))
        .containsExactly(
            "web.yaml:13: ArgusWatcher web: spec.subjects[0].events[0]: \"modfy\" is not an event;"
                + " did you mean \"modify\"?");
  }

  @Test
  void aTemplateFaultIsToldWithItsColumn() {
    assertThat(faults(WATCHER.replace("  subjects:", "  logFormat: 'x {evnt}'\n  subjects:")))
        .containsExactly(
            "web.yaml:9: ArgusWatcher web: spec.logFormat: column 4: \"evnt\" is not a specifier;"
                + " did you mean \"event\"?");
  }

  @Test
  void aGuardsEventWithoutPermissionEventIsAcceptedAndSaidToBeLeftOut() {
    ReadResult result = read(GUARD.replace("[access]", "[modify, open]"));

    assertThat(result.hasErrors()).isFalse();
    assertThat(result.manifests()).hasSize(1);
    assertThat(result.faults())
        .extracting(Fault::message)
        .containsExactly(
            "\"modify\" is left out: the kernel asks for permission on access, open and execute"
                + " alone (fanotify(7))");
  }

  @Test
  void aGuardWithoutEventsIsTakenForAllAndSaidSo() {
    ReadResult result = read(GUARD.replace("    events: [access]\n", ""));

    assertThat(result.manifests()).hasSize(1);
    assertThat(result.faults())
        .singleElement()
        .hasToString(
            "web.yaml:8: JanusGuard prod/keys: spec.subjects[0].events: is missing; \"all\" is taken"
                + " instead");
  }

  @Test
  void aGuardWithoutAnyPathIsAnError() {
    assertThat(
            faults(
                GUARD
                    .replace("allow: [/srv/public]", "allow: []")
                    .replace("    deny: [/srv/keys]\n", "")))
        .containsExactly(
            "web.yaml:8: JanusGuard prod/keys: spec.subjects[0]: names no path under \"allow\" or"
                + " under \"deny\"");
  }

  @Test
  void anUnknownModeIsToldWithTheNearest() {
    assertThat(faults(GUARD.replace("spec:", "spec:\n  mode: enforce")))
        .containsExactly(
            "web.yaml:7: JanusGuard prod/keys: spec.mode: \"enforce\" is neither Enforce nor"
                + " Observe; did you mean \"Enforce\"?");
  }

  @Test
  void aPathThatClimbsIsAnError() {
    assertThat(faultsOfSubject("  - {paths: [/var/../etc, /a..b], events: [all]}\n"))
        .containsExactly(
            "web.yaml:10: ArgusWatcher web: spec.subjects[0].paths[0]: \"/var/../etc\" holds \"..\";"
                + " write the path that it stands for");
  }

  @Test
  void aPathWithNulIsAnError() {
    assertThat(faultsOfSubject("  - {paths: [\"/a\\0b\"], events: [all]}\n"))
        .containsExactly(
            "web.yaml:10: ArgusWatcher web: spec.subjects[0].paths[0]: a path can't hold a NUL"
                + " character");
  }

  @Test
  void aSinglePathInPlaceOfAListIsToldHowToBeWritten() {
    assertThat(faultsOfSubject("  - {paths: /etc, events: [all]}\n"))
        .containsExactly(
            "web.yaml:10: ArgusWatcher web: spec.subjects[0].paths: must be a list, but is the text"
                + " \"/etc\"; write [/etc]");
  }

  @Test
  void aDepthWithoutRecursionIsAWarning() {
    ReadResult result = read(WATCHER + "    maxDepth: 2\n    ignore: [.git]\n");

    assertThat(result.hasErrors()).isFalse();
    assertThat(result.faults())
        .extracting(Fault::toString)
        .containsExactly(
            "web.yaml:14: ArgusWatcher web: spec.subjects[0].maxDepth: has no effect without"
                + " \"recursive: true\"");
  }

  @Test
  void aGuardThatIgnoresWithoutRecursionIsWarned() {
    assertThat(faults(GUARD + "    ignore: [.git]\n"))
        .containsExactly(
            "web.yaml:11: JanusGuard prod/keys: spec.subjects[0].ignore: has no effect without"
                + " \"recursive: true\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "two", "'2'", "1.5", "99999999999", "[1]"})
  void aDepthThatIsNoCountIsAnError(String depth) {
    assertThat(faults(WATCHER + "    recursive: true\n    maxDepth: " + depth + "\n"))
        .singleElement()
        .asString()
        .startsWith(
            "web.yaml:15: ArgusWatcher web: spec.subjects[0].maxDepth: must be a whole number from");
  }

  @Test
  void numbersAsTagsAreTakenAsTextAndSaidSo() {
    ReadResult result = read(WATCHER + "    tags: {version: 1.10, on: yes, empty: }\n");

    assertThat(result.hasErrors()).isFalse();
    Manifest.Watcher watcher = (Manifest.Watcher) result.manifests().get(0);
    assertThat(watcher.spec().subjects().get(0).tags())
        .isEqualTo(Map.of("version", "1.10", "on", "yes", "empty", ""));
    assertThat(result.faults()).hasSize(2);
  }

  @Test
  void aFlagInQuotesIsAnError() {
    assertThat(faults(WATCHER + "    recursive: 'true'\n"))
        .containsExactly(
            "web.yaml:14: ArgusWatcher web: spec.subjects[0].recursive: must be true or false, but"
                + " is the text \"true\"");
  }

  @Test
  void selectorsAreHeldToWhatKubernetesTakes() {
    String text =
        """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: web}
        spec:
          selector:
            matchLabels: {"-app": web, app: "not a value"}
            matchExpressions:
            - {key: a, operator: in, values: [x]}
            - {key: b, operator: NotIn}
            - {key: c, operator: Exists, values: [x]}
            - {operator: Exists}
          subjects: [{paths: [/a], events: [all]}]
        """;

    assertThat(read(text).faults())
        .extracting(Fault::field)
        .containsExactly(
            "spec.selector.matchLabels[\"-app\"]",
            "spec.selector.matchLabels.app",
            "spec.selector.matchExpressions[0].operator",
            "spec.selector.matchExpressions[1].values",
            "spec.selector.matchExpressions[2].values",
            "spec.selector.matchExpressions[3].key");
  }

  @Test
  void aNameThatKubernetesDoesNotTakeIsAWarning() {
    ReadResult result = read(WATCHER.replace("name: web", "name: Web_1"));

    assertThat(result.manifests()).hasSize(1);
    assertThat(result.faults()).extracting(Fault::severity).containsExactly(Fault.Severity.WARNING);
  }

  @Test
  void aMissingNameIsAnError() {
    assertThat(faults(WATCHER.replace("  name: web", "  labels: {}")))
        .containsExactly("web.yaml:4: ArgusWatcher: metadata.name: is missing");
  }
}

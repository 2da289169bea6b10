package dev.custos.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
  private static final String WATCHER =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata:
        name: web
      spec:
        selector:
          matchLabels:
            app: web
        subjects:
        - paths:
          - /etc/nginx
          events:
          - modify
      """;

  private static final String GUARD =
      """
      apiVersion: januscontroller.clustergarage.io/v1alpha1
      kind: JanusGuard
      metadata:
        name: keys
        namespace: prod
      spec:
        subjects:
        - allow: [/srv/public]
          deny: [/srv/keys]
          events: [access]
      """;

  private static ReadResult read(String text) {
    return ManifestReader.read("web.yaml", text);
  }

  private static List<String> faults(String text) {
    return read(text).faults().stream().map(Fault::toString).toList();
  }

  /** The faults of a watcher whose one subject is replaced. */
  private static List<String> faultsOfSubject(String subject) {
    String spec = WATCHER.substring(0, WATCHER.indexOf("  - paths"));
    return faults(spec + subject);
  }

  @Test
  void readsEveryFieldOfAWatcher() {
    ReadResult result =
        read(
            """
            apiVersion: fimcontroller.clustergarage.io/v1alpha1
            kind: FimWatcher
            metadata: {name: shop, namespace: prod, labels: {team: red}, annotations: {a: b}, uid: x}
            spec:
              selector:
                matchLabels: {app: shop}
                matchExpressions:
                - {key: tier, operator: In, values: [front, back]}
                - {key: canary, operator: DoesNotExist}
              logFormat: '{event:<14} {path}{sep}{file}'
              subjects:
              - paths: [/var/www//html/., /]
                events: [create, close, all]
                ignore: [.git, '*.swp']
                onlyDir: true
                recursive: true
                maxDepth: 3
                followMove: true
                tags: {tier: "1", build: release}
            status: {observablePods: 2}
            """);

    assertThat(result.faults()).isEmpty();
    assertThat(result.manifests())
        .containsExactly(
            new Manifest.Watcher(
                "FimWatcher",
                "prod",
                "shop",
                new WatcherSpec(
                    new LabelSelector(
                        Map.of("app", "shop"),
                        List.of(
                            new LabelSelector.Requirement("tier", "In", List.of("front", "back")),
                            new LabelSelector.Requirement("canary", "DoesNotExist", List.of()))),
                    "{event:<14} {path}{sep}{file}",
                    List.of(
                        new WatcherSpec.Subject(
                            List.of("/var/www/html", "/"),
                            List.of("create", "close", "all"),
                            List.of(".git", "*.swp"),
                            true,
                            true,
                            3,
                            true,
                            Map.of("tier", "1", "build", "release"))))));
  }

  @Test
  void readsEveryFieldOfAGuard() {
    ReadResult result =
        read(
            """
            apiVersion: januscontroller.clustergarage.io/v1alpha1
            kind: JanusGuard
            metadata: {name: keys}
            spec:
              logFormat: "event = {event}; file = {file}; verdict = {allow}"
              mode: Observe
              report: Denied
              subjects:
              - allow: [/srv/a]
                deny: [/srv/b]
                events: [open, execute]
                onlyDir: true
                autoAllowOwner: yes
                audit: true
                wholeMount: true
                recursive: true
                maxDepth: 2
                ignore: [tmp]
                processes: {executables: [/usr/bin/cat], uids: [0, 1000]}
                tags: {a: b}
            """);

    assertThat(result.faults()).isEmpty();
    assertThat(result.manifests())
        .containsExactly(
            new Manifest.Guard(
                "JanusGuard",
                "",
                "keys",
                new GuardSpec(
                    null,
                    "event = {event}; file = {file}; verdict = {allow}",
                    "Observe",
                    "Denied",
                    List.of(
                        new GuardSpec.Subject(
                            List.of("/srv/a"),
                            List.of("/srv/b"),
                            List.of("open", "execute"),
                            true,
                            true,
                            true,
                            true,
                            true,
                            2,
                            List.of("tmp"),
                            new GuardSpec.Processes(List.of("/usr/bin/cat"), List.of(0, 1000)),
                            Map.of("a", "b"))))));
  }

  @Test
  void aMisspeltEventIsToldWithFileLineFieldAndSuggestion() {
    assertThat(faults(WATCHER.replace("- modify", "- modfy")))
        .containsExactly(
            "web.yaml:13: ArgusWatcher web: spec.subjects[0].events[0]: \"modfy\" is not an event;"
                + " did you mean \"modify\"?");
  }

  @Test
  void allFaultsOfAllDocumentsAreToldAtOnce() {
    String text =
        WATCHER.replace("events:", "evnts:")
            + "---\n"
            + GUARD.replace("access", "acces").replace("/srv/public", "srv/public")
            + "---\nkind: [broken\n---\n"
            + WATCHER.replace("name: web", "name: other").replace("modify", "opne");

    assertThat(faults(text))
        .containsExactly(
            "web.yaml:10: ArgusWatcher web: spec.subjects[0].events: is missing; name one event at"
                + " least, or \"all\"",
            "web.yaml:12: ArgusWatcher web: spec.subjects[0].evnts: there is no such field; did you"
                + " mean \"events\"?",
            "web.yaml:22: JanusGuard prod/keys: spec.subjects[0].allow[0]: \"srv/public\" is not an"
                + " absolute path; it must start with \"/\"",
            "web.yaml:24: JanusGuard prod/keys: spec.subjects[0].events[0]: \"acces\" is not an"
                + " event; did you mean \"access\"?",
            "web.yaml:27: this is not YAML: column 1: while parsing a flow sequence: expected ',' or"
                + " ']', but got the end of the document",
            "web.yaml:40: ArgusWatcher other: spec.subjects[0].events[0]: \"opne\" is not an event;"
                + " did you mean \"open\"?");
  }

  @Test
  void aFaultSpoilsItsResourceAlone() {
    ReadResult result = read(WATCHER.replace("modify", "nothing") + "---\n" + GUARD);

    assertThat(result.hasErrors()).isTrue();
    assertThat(result.manifests()).extracting(Manifest::name).containsExactly("keys");
  }

  @Test
  void aTemplateFaultIsToldWithItsColumn() {
    assertThat(faults(WATCHER.replace("  subjects:", "  logFormat: 'x {evnt}'\n  subjects:")))
        .containsExactly(
            "web.yaml:9: ArgusWatcher web: spec.logFormat: column 4: \"evnt\" is not a specifier;"
                + " did you mean \"event\"?");
  }

  @Test
  void jsonIsReadAsWell() {
    ReadResult result =
        read(
            """
            {"apiVersion": "arguscontroller.clustergarage.io/v1alpha1", "kind": "ArgusWatcher",
             "metadata": {"name": "web", "namespace": "a"},
             "spec": {"selector": {}, "subjects": [{"paths": ["/etc"], "events": ["all"]}]}}
            """);

    assertThat(result.faults()).isEmpty();
    assertThat(result.manifests()).extracting(Manifest::namespace).containsExactly("a");
  }

  @Test
  void aListsItemsAreReadWithTheirPlaceInFieldPaths() {
    String list =
        """
        apiVersion: v1
        kind: List
        metadata: {resourceVersion: ""}
        items:
        - apiVersion: arguscontroller.clustergarage.io/v1alpha1
          kind: ArgusWatcher
          metadata: {name: one}
          spec: {subjects: [{paths: [/a], events: [opened]}]}
        - apiVersion: arguscontroller.clustergarage.io/v1alpha1
          kind: ArgusWatcher
          metadata: {name: two}
          spec: {subjects: [{paths: [/a], events: [open]}]}
        """;

    assertThat(faults(list))
        .containsExactly(
            "web.yaml:8: ArgusWatcher one: items[0].spec.subjects[0].events[0]: \"opened\" is not an"
                + " event; did you mean \"open\"?");
    assertThat(read(list).manifests()).extracting(Manifest::name).containsExactly("two");
  }

  @Test
  void theWrongGroupIsToldWithTheRightOne() {
    assertThat(faults(WATCHER.replace("arguscontroller", "argus")))
        .containsExactly(
            "web.yaml:1: ArgusWatcher web: apiVersion: \"argus.clustergarage.io/v1alpha1\" is not"
                + " the group and version of ArgusWatcher; write"
                + " arguscontroller.clustergarage.io/v1alpha1");
  }

  @Test
  void aMisspeltKindIsAnErrorAndAForeignOneAWarning() {
    assertThat(faults(WATCHER.replace("kind: ArgusWatcher", "kind: ArgosWatcher")))
        .containsExactly(
            "web.yaml:2: ArgosWatcher web: kind: \"ArgosWatcher\" is not a kind; did you mean"
                + " \"ArgusWatcher\"?");
    ReadResult foreign = read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n");
    assertThat(foreign.hasErrors()).isFalse();
    assertThat(foreign.faults()).hasSize(1);
  }

  @Test
  void scansAreKnownAndSaidToHaveNoEffect() {
    ReadResult result =
        read(
            """
            apiVersion: file-integrity.openshift.io/v1alpha1
            kind: FileIntegrity
            metadata: {name: nodes}
            spec: {config: {gracePeriod: 20}}
            """);

    assertThat(result.hasErrors()).isFalse();
    assertThat(result.manifests()).isEmpty();
    assertThat(result.faults())
        .extracting(Fault::message)
        .containsExactly(
            "\"file-integrity.openshift.io/v1alpha1\" is not the group and version of FileIntegrity;"
                + " write fileintegrity.openshift.io/v1alpha1",
            "this release does not scan; the resource is known and has no effect");
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

  @Test
  void theSameResourceInTwoFilesIsAnErrorThatNamesTheFirst(@TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("a.yaml"), WATCHER);
    Files.writeString(
        folder.resolve("b.yml"), WATCHER.replace("name: web", "name: web\n  namespace: default"));
    Files.writeString(folder.resolve(".hidden.yaml"), "[");
    Files.writeString(folder.resolve("notes.txt"), "[");

    ReadResult result = ManifestReader.read(List.of(folder));

    assertThat(result.manifests()).hasSize(1);
    assertThat(result.faults())
        .singleElement()
        .hasToString(
            folder
                + "/b.yml:4: ArgusWatcher default/web: metadata.name: the same resource is at "
                + folder
                + "/a.yaml:4 already");
  }

  @Test
  void aFileThatIsNotThereIsAFault(@TempDir Path folder) {
    Path file = folder.resolve("none.yaml");

    assertThat(ManifestReader.read(List.of(file)).faults())
        .singleElement()
        .hasToString(file + ": can't be read: there is no such file");
  }

  @Test
  void aFolderWithoutManifestsIsAWarning(@TempDir Path folder) {
    ReadResult result = ManifestReader.read(List.of(folder));

    assertThat(result.hasErrors()).isFalse();
    assertThat(result.faults()).hasSize(1);
  }

  @Test
  void aStreamThatIsNotUtf8IsAFaultOnItsLine() {
    byte[] bytes = ("# a\n# b " + "\u00e9\n").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(ManifestReader.read("stdin", new ByteArrayInputStream(bytes)).faults())
        .singleElement()
        .hasToString("stdin:2: is not UTF-8 here: byte 0xe9");
  }

  @Test
  void aStreamThatFailsIsAFault() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("device is gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };

    assertThat(ManifestReader.read("stdin", broken).faults())
        .singleElement()
        .hasToString("stdin: can't be read: device is gone");
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsAreNoFault() {
    assertThat(faults("\ufeff" + WATCHER.replace("\n", "\r\n"))).isEmpty();
  }

  @Test
  void directivesCommentsAndDocumentEndsAreNoFault() {
    String text =
        "# head\n%YAML 1.2\n---\n" + WATCHER + "...\n# next\n---\n" + GUARD + "...\n\n---\n";

    assertThat(faults(text)).isEmpty();
    assertThat(read(text).manifests()).hasSize(2);
  }

  @Test
  void aliasesAndMergeKeysAreResolved() {
    String text =
        WATCHER.replace("  - paths:", "  - &base\n    tags: {a: b}\n    paths:")
            + "  - <<: *base\n    paths: [/srv]\n";

    Manifest.Watcher watcher = (Manifest.Watcher) read(text).manifests().get(0);
    assertThat(faults(text)).isEmpty();
    assertThat(watcher.spec().subjects().get(1))
        .isEqualTo(
            new WatcherSpec.Subject(
                List.of("/srv"),
                List.of("modify"),
                null,
                false,
                false,
                0,
                false,
                Map.of("a", "b")));
  }

  @Test
  void aKeyThatIsThereTwiceIsAnError() {
    assertThat(faults(WATCHER + "    events: [all]\n"))
        .containsExactly("web.yaml:14: the key \"events\" is here twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "~\n"})
  void aFileWithoutAnyResourceIsAWarning(String text) {
    assertThat(faults(text)).containsExactly("web.yaml: holds no resource");
  }

  @ParameterizedTest
  @ValueSource(strings = {"just text\n", "[a, b]\n", "5\n"})
  void aDocumentThatIsNoMappingIsAnError(String text) {
    assertThat(faults(text))
        .singleElement()
        .asString()
        .startsWith("web.yaml:1: a document must be a resource, a mapping, but is ");
  }
}

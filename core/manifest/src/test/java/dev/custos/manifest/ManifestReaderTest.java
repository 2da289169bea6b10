package dev.custos.manifest;

import static dev.custos.manifest.Examples.GUARD;
import static dev.custos.manifest.Examples.WATCHER;
import static dev.custos.manifest.Examples.faults;
import static dev.custos.manifest.Examples.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which resources come out of a file, and of which kinds. */
class ManifestReaderTest {
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
}

package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.crd.Definitions;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real kube-apiserver and kubectl make of the definitions and of what is shipped. */
@Timeout(300)
@ExtendWith(SharedKubeApi.class)
class RealDefinitionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static KubeApi api;
  private static KubernetesClient admin;

  private final List<HasMetadata> made = new ArrayList<>();

  @BeforeAll
  static void start(KubeApi shared) {
    api = shared;
    admin = api.client();
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      admin.close();
    }
  }

  @AfterEach
  void remove() {
    made.forEach(object -> admin.resource(object).delete());
  }

  private static String resource(String name) throws URISyntaxException {
    return Path.of(RealDefinitionsTest.class.getResource(name).toURI()).toString();
  }

  @Test
  void theDefinitionsAreStructuralAndMayBeInstalledAgain() {
    InstallCrdsCommand.install(admin, new PrintWriter(new StringWriter()));
    assertThat(admin.apiextensions().v1().customResourceDefinitions().list().getItems())
        .hasSize(3)
        .allSatisfy(
            d ->
                assertThat(d.getStatus().getConditions())
                    .filteredOn(c -> c.getStatus().equals("True"))
                    .extracting(c -> c.getType())
                    .containsExactlyInAnyOrder("NamesAccepted", "Established"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{paths: [etc/passwd], events: [open]}          | spec.subjects[0].paths[0]",
        "{paths: [/a/../b], events: [open]}             | spec.subjects[0].paths[0]",
        "{paths: [/a], events: [modfy]}                 | spec.subjects[0].events[0]",
        "{paths: [/a], events: [open], maxDepth: -1}    | spec.subjects[0].maxDepth",
        "{paths: [], events: [open]}                    | spec.subjects[0].paths",
        "{events: [open]}                               | spec.subjects[0].paths",
        "{paths: [/a], events: []}                      | spec.subjects[0].events",
        "\"\"                                           | spec.subjects",
      })
  void aWatcherThatCanNeverWorkIsRefusedWithTheNameOfTheField(String subject, String field) {
    for (String kind : List.of("ArgusWatcher", "FimWatcher")) {
      assertRefused(Written.resource(kind, "refused", "web", subject), field);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{events: [open]}                   | spec.subjects[0]",
        "{allow: [], deny: []}              | spec.subjects[0]",
        "{deny: [bin/sh]}                   | spec.subjects[0].deny[0]",
        "{deny: [/bin/sh], maxDepth: -1}    | spec.subjects[0].maxDepth",
        "{deny: [/bin/sh], events: [opn]}   | spec.subjects[0].events[0]",
      })
  void aGuardThatCanNeverWorkIsRefusedWithTheNameOfTheField(String subject, String field) {
    assertRefused(Written.resource("JanusGuard", "refused", "web", subject), field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"watchers.yaml", "guards.yaml"})
  void theReferenceSystemsExamplesAreAcceptedAsTheyAre(String file) throws Exception {
    String examples = resource("/examples/" + file);
    // An unknown field would otherwise be left out with no more than a warning.
    String applied = api.kubectl("apply", "--validate=strict", "-f", examples);
    // Those of guards all have one name, so that each takes the place of the one before.
    assertThat(applied.lines())
        .isNotEmpty()
        .allMatch(line -> line.matches(".* (created|configured)"));
    api.kubectl("delete", "--ignore-not-found", "-f", examples);
  }

  @Test
  void theShippedManifestsAreAcceptedInFull() throws Exception {
    Path shipped = Path.of("..", "dist", "src", "main", "kubernetes");
    String applied = api.kubectl("apply", "--validate=strict", "-f", shipped.toString());
    assertThat(applied.lines())
        // About the namespace, which was made in another way.
        .filteredOn(line -> !line.startsWith("Warning: "))
        .contains(
            "deployment.apps/custos-controller created",
            "daemonset.apps/custos-agent created",
            "service/custos-controller created")
        .allMatch(line -> line.endsWith(" created") || line.endsWith(" configured"));
    Deployment controller =
        admin.apps().deployments().inNamespace("custos").withName("custos-controller").get();
    List<String> arguments =
        controller.getSpec().getTemplate().getSpec().getContainers().get(0).getArgs();
    assertThat(CustosController.commandLine().parseArgs(arguments.toArray(new String[0])).errors())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "arguswatchers.spec.subjects.paths, Absolute paths",
    "fimwatchers.spec.subjects.maxDepth, integer",
    "janusguards.spec.subjects.deny, Absolute paths",
    "janusguards.status.guardedPods, How many"
  })
  void kubectlExplainsEveryField(String field, String text) {
    // The server publishes schemas a moment after it has accepted them.
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(api.kubectl("explain", field)).contains(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"arguswatchers", "fimwatchers", "janusguards"})
  void kubectlExplainsTheSameFieldsAsTheDefinitionHasAndEachHasADescription(String plural)
      throws Exception {
    CustomResourceDefinition definition =
        Definitions.all().stream()
            .filter(d -> d.getSpec().getNames().getPlural().equals(plural))
            .findFirst()
            .orElseThrow();
    Map<String, JSONSchemaProps> fields =
        definition.getSpec().getVersions().get(0).getSchema().getOpenAPIV3Schema().getProperties();
    List<String> expected = new ArrayList<>();
    for (String part : List.of("spec", "status")) {
      fieldsOf(part, fields.get(part), expected);
    }
    assertThat(expected).hasSizeGreaterThan(20);
    // The server publishes schemas a moment after it has accepted them.
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () ->
                assertThat(explained(api.kubectl("explain", "--recursive", plural)))
                    .containsAll(expected));
  }

  /** Paths of all fields; fails for one without a description. */
  private static void fieldsOf(String path, JSONSchemaProps schema, List<String> all) {
    assertThat(schema.getDescription()).as(path).isNotBlank();
    all.add(path);
    JSONSchemaProps items = schema.getItems() == null ? schema : schema.getItems().getSchema();
    if (items.getProperties() != null) {
      items.getProperties().forEach((name, field) -> fieldsOf(path + "." + name, field, all));
    }
  }

  /** The paths of the fields that kubectl prints, which it shows by indentation. */
  private static List<String> explained(String printed) {
    List<String> paths = new ArrayList<>();
    List<String> above = new ArrayList<>();
    printed
        .lines()
        .dropWhile(line -> !line.startsWith("FIELDS:"))
        .skip(1)
        .filter(line -> line.contains("\t<"))
        .forEach(
            line -> {
              int depth = (line.length() - line.stripLeading().length()) / 2 - 1;
              above.subList(Math.min(depth, above.size()), above.size()).clear();
              above.add(line.strip().replaceFirst("\t.*", ""));
              paths.add(String.join(".", above));
            });
    return paths;
  }

  @ParameterizedTest
  @CsvSource({"aw, ArgusWatcher, WATCHED", "fw, FimWatcher, WATCHED", "jg, JanusGuard, GUARDED"})
  void kubectlShowsTheCountsByTheShortName(String shortName, String kind, String served)
      throws Exception {
    HasMetadata resource =
        admin.resource(Written.resource(kind, "columns", "nobody", Written.subject(kind))).create();
    made.add(resource);
    String counts = served.toLowerCase(Locale.ROOT) + "Pods";
    api.kubectl(
        "patch",
        shortName,
        resource.getMetadata().getName(),
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": {\"observablePods\": 3, \"" + counts + "\": 2}}");
    List<String> lines = api.kubectl("get", shortName).lines().toList();
    assertThat(lines.get(0).split(" +")).containsExactly("NAME", "OBSERVABLE", served);
    assertThat(lines.get(1).split(" +")).containsExactly("columns", "3", "2");
  }

  @Test
  void aStatusInWhatIsAppliedIsLeftToTheController() {
    GenericKubernetesResource resource =
        (GenericKubernetesResource)
            admin
                .resource(
                    Written.resource(
                        "ArgusWatcher", "own-status", "nobody", Written.subject("ArgusWatcher")))
                .item();
    resource.setAdditionalProperty("status", Map.of("observablePods", 7));
    made.add(resource);
    HasMetadata stored = admin.resource(resource).create();
    assertThat(((GenericKubernetesResource) stored).getAdditionalProperties())
        .doesNotContainKey("status");
  }

  private static void assertRefused(String manifest, String field) {
    assertThatThrownBy(() -> admin.resource(manifest).create())
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(422))
        .hasMessageContaining(field);
  }
}

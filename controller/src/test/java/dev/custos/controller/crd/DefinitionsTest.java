package dev.custos.controller.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.WatcherSpec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionsTest {
  /** To accept a change, copy the build's files from META-INF/custos/crds over the golden ones. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "arguswatchers.arguscontroller.clustergarage.io",
        "fimwatchers.fimcontroller.clustergarage.io",
        "janusguards.januscontroller.clustergarage.io"
      })
  void theJarShipsEachDefinitionAsReviewed(String name) throws IOException {
    assertThat(resource("/META-INF/custos/crds/" + name + ".yaml"))
        .isEqualTo(resource("/crds/" + name + ".yaml"));
  }

  @Test
  void namesAreThoseOfTheReferenceSystems() {
    assertThat(Definitions.all())
        .extracting(
            d -> d.getSpec().getGroup(),
            d -> version(d).getName(),
            d -> d.getSpec().getNames().getKind(),
            d -> d.getSpec().getNames().getShortNames(),
            d ->
                version(d).getAdditionalPrinterColumns().stream()
                    // Others are shown by -o wide alone.
                    .filter(c -> c.getPriority() == null || c.getPriority() == 0)
                    .map(c -> c.getName() + c.getJsonPath())
                    .toList())
        .containsExactly(
            tuple(
                "arguscontroller.clustergarage.io",
                "v1alpha1",
                "ArgusWatcher",
                List.of("aw"),
                List.of("Observable.status.observablePods", "Watched.status.watchedPods")),
            tuple(
                "fimcontroller.clustergarage.io",
                "v1alpha1",
                "FimWatcher",
                List.of("fw"),
                List.of("Observable.status.observablePods", "Watched.status.watchedPods")),
            tuple(
                "januscontroller.clustergarage.io",
                "v1alpha1",
                "JanusGuard",
                List.of("jg"),
                List.of("Observable.status.observablePods", "Guarded.status.guardedPods")));
  }

  @Test
  void schemasHaveExactlyTheFieldsOfTheSpecs() {
    assertSameFields("spec", spec(0), WatcherSpec.class);
    assertSameFields("spec", spec(1), WatcherSpec.class);
    assertSameFields("spec", spec(2), GuardSpec.class);
    assertSameFields("status", status(0), WatcherStatus.class);
    assertSameFields("status", status(2), GuardStatus.class);
  }

  @Test
  void everyFieldIsDescribed() {
    for (int i = 0; i < 3; i++) {
      assertDescribed("spec", spec(i));
      assertDescribed("status", status(i));
    }
  }

  @Test
  void whatCanNeverWorkIsRefused() {
    JSONSchemaProps watched = subject(0);
    assertThat(watched.getRequired()).contains("paths", "events");
    assertThat(watched.getProperties().get("paths").getMinItems()).isEqualTo(1);
    Pattern path =
        Pattern.compile(watched.getProperties().get("paths").getItems().getSchema().getPattern());
    assertThat(List.of("/", "/etc/passwd", "/a/.b/..c/...", "/a//b/./c/", "/line\nend"))
        .allMatch(p -> path.matcher(p).matches());
    assertThat(List.of("", "etc/passwd", "./a", "/a\0b", "/..", "/a/../b", "/a/.."))
        .noneMatch(p -> path.matcher(p).matches());
    assertThat(watched.getProperties().get("maxDepth").getMinimum()).isZero();
    assertThat(watched.getProperties().get("events").getItems().getSchema().getEnum())
        .extracting(Object::toString)
        .contains("\"closewrite\"", "\"all\"")
        .doesNotContain("\"modfy\"");
    assertThat(subject(2).getXKubernetesValidations()).hasSize(1);
  }

  @Test
  void anArgusWatcherIsReadIntoItsSpec() {
    HasMetadata read =
        Serialization.unmarshal(
            """
            apiVersion: arguscontroller.clustergarage.io/v1alpha1
            kind: ArgusWatcher
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              subjects:
              - paths: [/var/log]
                events: [modify]
            """,
            ArgusWatcher.class);
    WatcherSpec spec = ((ArgusWatcher) read).getSpec();
    assertThat(spec.selector().matchLabels()).containsEntry("app", "web");
    assertThat(spec.logFormat()).isNull();
    assertThat(spec.subjects().get(0).paths()).containsExactly("/var/log");
    assertThat(spec.subjects().get(0).maxDepth()).isZero();
    assertThat(((ArgusWatcher) read).getStatus()).isNull();
  }

  private static void assertSameFields(String at, JSONSchemaProps schema, Class<?> record) {
    RecordComponent[] components = record.getRecordComponents();
    assertThat(schema.getProperties().keySet())
        .as(at)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(components).map(RecordComponent::getName).toList());
    for (RecordComponent component : components) {
      assertSameType(
          at + "." + component.getName(),
          schema.getProperties().get(component.getName()),
          component.getGenericType());
    }
  }

  private static void assertSameType(String at, JSONSchemaProps schema, Type type) {
    String expected;
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      assertSameType(at + "[]", schema.getItems().getSchema(), generic.getActualTypeArguments()[0]);
      expected = "array";
    } else if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
      expected = "object";
    } else if (type instanceof Class<?> c && c.isRecord()) {
      assertSameFields(at, schema, c);
      expected = "object";
    } else {
      expected =
          Map.of(
                  String.class, "string",
                  boolean.class, "boolean",
                  int.class, "integer",
                  Integer.class, "integer",
                  long.class, "integer")
              .get(type);
    }
    assertThat(schema.getType()).as(at).isEqualTo(expected);
  }

  private static void assertDescribed(String at, JSONSchemaProps schema) {
    assertThat(schema.getDescription()).as(at).isNotBlank();
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, field) -> assertDescribed(at + "." + name, field));
    }
    if (schema.getItems() != null) {
      assertDescribed(at + "[]", schema.getItems().getSchema());
    }
  }

  private static JSONSchemaProps subject(int kind) {
    return spec(kind).getProperties().get("subjects").getItems().getSchema();
  }

  private static JSONSchemaProps spec(int kind) {
    return field(kind, "spec");
  }

  private static JSONSchemaProps status(int kind) {
    return field(kind, "status");
  }

  private static JSONSchemaProps field(int kind, String name) {
    return version(Definitions.all().get(kind))
        .getSchema()
        .getOpenAPIV3Schema()
        .getProperties()
        .get(name);
  }

  private static CustomResourceDefinitionVersion version(CustomResourceDefinition definition) {
    return definition.getSpec().getVersions().get(0);
  }

  private static String resource(String path) throws IOException {
    try (InputStream in = DefinitionsTest.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

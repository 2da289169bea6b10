package dev.custos.controller.crd;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The CustomResourceDefinitions (apiextensions.k8s.io/v1) of all kinds. */
public final class Definitions {
  private Definitions() {}

  /** All of them, in a stable order. */
  public static List<CustomResourceDefinition> all() {
    return List.of(
        watcher(ArgusWatcher.class, "Watches files in the containers of pods."),
        watcher(FimWatcher.class, "Watches files in the containers of pods (older name)."),
        guard());
  }

  /** One YAML document for each. */
  public static String yaml() {
    StringBuilder documents = new StringBuilder();
    all().forEach(d -> documents.append(Serialization.asYaml(d)));
    return documents.toString();
  }

  /**
   * Writes {@code NAME.yaml} for each definition; run by the build.
   *
   * @param arguments the directory, which is made if need be
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    for (CustomResourceDefinition definition : all()) {
      Files.writeString(
          directory.resolve(definition.getMetadata().getName() + ".yaml"),
          Serialization.asYaml(definition));
    }
  }

  private static CustomResourceDefinition watcher(
      Class<? extends CustomResource<?, ?>> type, String description) {
    return definition(
        type,
        description,
        Schemas.watcherSpec(),
        StatusSchema.of(
            "watchedPods", "How many of them have a path that is watched for this resource."),
        column("Watched", ".status.watchedPods", "Pods that are watched."));
  }

  private static CustomResourceDefinition guard() {
    return definition(
        JanusGuard.class,
        "Guards files in the containers of pods.",
        Schemas.guardSpec(),
        StatusSchema.of(
            "guardedPods", "How many of them have a path that is guarded for this resource."),
        column("Guarded", ".status.guardedPods", "Pods that are guarded."));
  }

  private static CustomResourceDefinition definition(
      Class<? extends CustomResource<?, ?>> type,
      String description,
      JSONSchemaProps spec,
      JSONSchemaProps status,
      CustomResourceColumnDefinition served) {
    String kind = HasMetadata.getKind(type);
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withName(CustomResource.getCRDName(type))
        .endMetadata()
        .withNewSpec()
        .withGroup(HasMetadata.getGroup(type))
        .withScope("Namespaced")
        .withNewNames()
        .withKind(kind)
        .withListKind(kind + "List")
        .withPlural(HasMetadata.getPlural(type))
        .withSingular(HasMetadata.getSingular(type))
        .withShortNames(CustomResource.getShortNames(type))
        .endNames()
        .addNewVersion()
        .withName(HasMetadata.getVersion(type))
        .withServed(true)
        .withStorage(true)
        .withNewSubresources()
        .withNewStatus()
        .endStatus()
        .endSubresources()
        .withAdditionalPrinterColumns(
            column("Observable", ".status.observablePods", "Pods that the selector matches."),
            served,
            ready())
        .withNewSchema()
        .withOpenAPIV3Schema(root(description, spec, status))
        .endSchema()
        .endVersion()
        .endSpec()
        .build();
  }

  private static JSONSchemaProps root(
      String description, JSONSchemaProps spec, JSONSchemaProps status) {
    return new JSONSchemaPropsBuilder()
        .withType("object")
        .withDescription(description)
        .addToProperties("spec", spec)
        .addToProperties("status", status)
        .withRequired("spec")
        .build();
  }

  /** Not among the reference's columns: shown by {@code -o wide} alone. */
  private static CustomResourceColumnDefinition ready() {
    return new CustomResourceColumnDefinitionBuilder(
            column(
                "Ready",
                ".status.conditions[?(@.type==\"Ready\")].status",
                "Whether every path is served."))
        .withType("string")
        .withPriority(1)
        .build();
  }

  private static CustomResourceColumnDefinition column(
      String name, String path, String description) {
    return new CustomResourceColumnDefinitionBuilder()
        .withName(name)
        .withType("integer")
        .withJsonPath(path)
        .withDescription(description)
        .build();
  }
}

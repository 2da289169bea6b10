package dev.custos.controller.crd;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import java.util.List;

/** The schema of statuses, which the controller alone writes. */
final class StatusSchema {
  // As metav1.Condition has them.
  private static final long LONGEST_TYPE = 316;
  private static final long LONGEST_REASON = 1024;
  private static final long LONGEST_MESSAGE = 32768;
  private static final String REASON = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";

  private StatusSchema() {}

  static JSONSchemaProps of(String servedPods, String description) {
    return Schemas.object(
        "What came of it, as the agents reported it.",
        Schemas.fields()
            .with(
                "observedGeneration",
                Schemas.integer("The generation of the spec that this status is about.", "int64"))
            .with("observablePods", Schemas.integer("How many pods the selector matches.", "int32"))
            .with(servedPods, Schemas.integer(description, "int32"))
            .with("conditions", conditions())
            .with("coverage", coverage()));
  }

  private static JSONSchemaProps conditions() {
    return new JSONSchemaPropsBuilder(
            Schemas.list(
                "Accepted: the spec can be carried out. Ready: every path that is asked for is"
                    + " active. Degraded: something that is asked for has failed, and will not be"
                    + " served by itself.",
                condition()))
        .withXKubernetesListType("map")
        .withXKubernetesListMapKeys("type")
        .build();
  }

  private static JSONSchemaProps condition() {
    return Schemas.object(
        "One thing that can be said of the resource.",
        Schemas.fields()
            .with(
                "type",
                Schemas.text("Accepted, Ready or Degraded.").withMaxLength(LONGEST_TYPE).build())
            .with("status", Schemas.oneOf("Whether it holds.", List.of("True", "False", "Unknown")))
            .with(
                "observedGeneration",
                Schemas.integer("The generation of the spec that it is said about.", "int64"))
            .with(
                "lastTransitionTime",
                Schemas.text("When the status last changed.").withFormat("date-time").build())
            .with(
                "reason",
                Schemas.text("Why, in one word for programs.")
                    .withPattern(REASON)
                    .withMinLength(1L)
                    .withMaxLength(LONGEST_REASON)
                    .build())
            .with(
                "message", Schemas.text("Why, for humans.").withMaxLength(LONGEST_MESSAGE).build()),
        "type",
        "status",
        "lastTransitionTime",
        "reason",
        "message");
  }

  private static JSONSchemaProps coverage() {
    return Schemas.object(
        "How many of the paths that are asked for are active. A path counts once for each subject"
            + " that names it and each running container of each selected pod.",
        Schemas.fields()
            .with("requested", Schemas.integer("The sum of the other three.", "int32"))
            .with("active", Schemas.integer("Paths that an agent serves.", "int32"))
            .with(
                "pending",
                Schemas.integer(
                    "Paths that are not served yet, or of which no agent has said so.", "int32"))
            .with(
                "failed", Schemas.integer("Paths that can't be served as things are now.", "int32"))
            .with("notActive", notActive()));
  }

  private static JSONSchemaProps notActive() {
    return new JSONSchemaPropsBuilder(
            Schemas.list(
                "The first of the paths that are not active: failed ones first, then by pod,"
                    + " container and path.",
                Schemas.object(
                    "A path that is not active.",
                    Schemas.fields()
                        .with("pod", Schemas.text("The pod's name.").build())
                        .with("container", Schemas.text("The container's name.").build())
                        .with("path", Schemas.text("The path, as the subject has it.").build())
                        .with("reason", Schemas.text("Why it is not active.").build()))))
        .withMaxItems((long) Coverage.MOST_NAMED)
        .build();
  }
}

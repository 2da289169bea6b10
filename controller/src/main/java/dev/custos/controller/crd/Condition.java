package dev.custos.controller.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * One thing that can be said of a resource, in the shape of Kubernetes' own {@code
 * metav1.Condition}.
 *
 * @param type what is said, {@code Ready} for one
 * @param status {@code True} or {@code False}
 * @param observedGeneration the generation of the spec that it is said about
 * @param lastTransitionTime when the status last changed, RFC 3339 in UTC, in whole seconds
 * @param reason for programs: one word in CamelCase
 * @param message for humans; bounded, and one line
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later version
public record Condition(
    String type,
    String status,
    long observedGeneration,
    String lastTransitionTime,
    String reason,
    String message) {
  /** The spec can be carried out. */
  public static final String ACCEPTED = "Accepted";

  /** Every path that is asked for is served. */
  public static final String READY = "Ready";

  /** Something that is asked for is not served, and will not be by itself. */
  public static final String DEGRADED = "Degraded";

  public static final String TRUE = "True";
  public static final String FALSE = "False";
}

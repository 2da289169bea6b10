package dev.custos.controller.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/**
 * What came of a guard.
 *
 * @param observedGeneration the generation of the spec that the rest is about
 * @param observablePods pods that the selector matches
 * @param guardedPods those of them in which an agent guards at least one path for this resource
 * @param conditions each type at most once
 * @param coverage null in a status that an earlier version wrote
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later version
public record GuardStatus(
    long observedGeneration,
    int observablePods,
    int guardedPods,
    List<Condition> conditions,
    Coverage coverage) {
  public GuardStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }
}

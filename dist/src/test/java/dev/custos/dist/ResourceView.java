package dev.custos.dist;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A resource's status as a user reads it, in one line.
 *
 * @param text such as {@code 1 of 1 pods, 2 of 2 paths, Ready AllActive}; what is not active and
 *     which conditions are bad is in it as well
 * @param reasons why paths are not active, one line each
 */
record ResourceView(String text, List<String> reasons) {
  static ResourceView of(GenericKubernetesResource resource) {
    if (resource == null) {
      return new ResourceView("there is none", List.of());
    }
    Map<String, Object> status = resource.get("status");
    if (status == null) {
      return new ResourceView("no status", List.of());
    }
    long about = ((Number) status.get("observedGeneration")).longValue();
    if (about != resource.getMetadata().getGeneration()) {
      return new ResourceView("a status of generation " + about, List.of());
    }
    Map<?, ?> coverage = (Map<?, ?>) status.get("coverage");
    Object served = status.getOrDefault("watchedPods", status.get("guardedPods"));
    String text =
        served
            + " of "
            + status.get("observablePods")
            + " pods, "
            + coverage.get("active")
            + " of "
            + coverage.get("requested")
            + " paths"
            + count(coverage, "pending")
            + count(coverage, "failed")
            + conditions(status);
    return new ResourceView(text, reasons(coverage));
  }

  private static String count(Map<?, ?> coverage, String state) {
    int number = ((Number) coverage.get(state)).intValue();
    return number == 0 ? "" : " (" + number + " " + state + ")";
  }

  // Each holds, or is preceded by "not".
  private static String conditions(Map<String, Object> status) {
    return ((List<?>) status.get("conditions"))
        .stream()
            .map(one -> (Map<?, ?>) one)
            .map(
                one ->
                    ", "
                        + (one.get("status").equals("True") ? "" : "not ")
                        + one.get("type")
                        + " "
                        + one.get("reason"))
            .collect(Collectors.joining());
  }

  private static List<String> reasons(Map<?, ?> coverage) {
    Object rows = coverage.get("notActive");
    return rows == null
        ? List.of()
        : ((List<?>) rows)
            .stream()
                .map(row -> (Map<?, ?>) row)
                .map(
                    row ->
                        row.get("pod")
                            + "/"
                            + row.get("container")
                            + " "
                            + row.get("path")
                            + ": "
                            + row.get("reason"))
                .toList();
  }

  @Override
  public String toString() {
    return text;
  }
}

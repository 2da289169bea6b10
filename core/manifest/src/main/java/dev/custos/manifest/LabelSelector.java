package dev.custos.manifest;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Selects pods by their labels, as Kubernetes does: all requirements must hold, and a selector
 * without any matches every pod of its resource's namespace.
 */
public record LabelSelector(Map<String, String> matchLabels, List<Requirement> matchExpressions) {
  public static final LabelSelector EVERYTHING = new LabelSelector(Map.of(), List.of());

  /**
   * One requirement on one label.
   *
   * @param operator {@code In}, {@code NotIn}, {@code Exists} or {@code DoesNotExist}
   * @param values what {@code In} and {@code NotIn} compare with; empty for the others
   */
  public record Requirement(String key, String operator, List<String> values) {
    public Requirement {
      values = values == null ? List.of() : List.copyOf(values);
    }

    boolean matches(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case "In" -> value != null && values.contains(value);
        case "NotIn" -> value == null || !values.contains(value);
        case "Exists" -> value != null;
        case "DoesNotExist" -> value == null;
        default -> throw new IllegalStateException("not a selector operator: " + operator);
      };
    }
  }

  /** The operators that {@link Requirement#operator} may name. */
  public static final Set<String> OPERATORS = Set.of("In", "NotIn", "Exists", "DoesNotExist");

  public LabelSelector {
    matchLabels = matchLabels == null ? Map.of() : Map.copyOf(matchLabels);
    matchExpressions = matchExpressions == null ? List.of() : List.copyOf(matchExpressions);
  }

  /** Whether an object with these labels is selected. */
  public boolean matches(Map<String, String> labels) {
    return matchLabels.entrySet().stream()
            .allMatch(e -> e.getValue().equals(labels.get(e.getKey())))
        && matchExpressions.stream().allMatch(r -> r.matches(labels));
  }
}

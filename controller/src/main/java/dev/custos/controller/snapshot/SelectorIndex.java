package dev.custos.controller.snapshot;

import dev.custos.manifest.LabelSelector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the selectors that may match a pod's labels without asking each of them: a selector that
 * demands a value of some label stands under that label and value. Only those that name no value
 * are candidates for every pod. Not thread-safe.
 *
 * @param <T> what has a selector
 */
final class SelectorIndex<T> {
  private record Label(String key, String value) {}

  private final Map<Label, Set<T>> byLabel = new HashMap<>();
  private final Set<T> anywhere = new LinkedHashSet<>();

  void add(LabelSelector selector, T owner) {
    List<Label> demanded = demanded(selector);
    demanded.forEach(
        label -> byLabel.computeIfAbsent(label, l -> new LinkedHashSet<>()).add(owner));
    if (demanded.isEmpty()) {
      anywhere.add(owner);
    }
  }

  /**
   * @param selector the one that it was added with
   */
  void remove(LabelSelector selector, T owner) {
    anywhere.remove(owner);
    for (Label label : demanded(selector)) {
      byLabel.computeIfPresent(
          label,
          (l, owners) -> {
            owners.remove(owner);
            return owners.isEmpty() ? null : owners;
          });
    }
  }

  /** Every owner whose selector matches, and perhaps some whose selector does not. */
  Collection<T> candidates(Map<String, String> labels) {
    if (byLabel.isEmpty()) {
      return anywhere;
    }
    Set<T> found = new LinkedHashSet<>(anywhere);
    labels.forEach(
        (key, value) -> found.addAll(byLabel.getOrDefault(new Label(key, value), Set.of())));
    return found;
  }

  /** Labels of which a matching pod has at least one; none if nothing can be said. */
  private static List<Label> demanded(LabelSelector selector) {
    if (!selector.matchLabels().isEmpty()) {
      Map.Entry<String, String> first = new TreeMap<>(selector.matchLabels()).firstEntry();
      return List.of(new Label(first.getKey(), first.getValue()));
    }
    for (LabelSelector.Requirement requirement : selector.matchExpressions()) {
      if (requirement.operator().equals("In")) {
        List<Label> labels = new ArrayList<>();
        requirement.values().forEach(value -> labels.add(new Label(requirement.key(), value)));
        return labels;
      }
    }
    return List.of();
  }
}

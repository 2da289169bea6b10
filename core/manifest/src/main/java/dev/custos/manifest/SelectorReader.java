package dev.custos.manifest;

import dev.custos.format.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a label selector and holds it to what Kubernetes takes. */
final class SelectorReader {
  private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

  private SelectorReader() {}

  static LabelSelector read(Section spec) {
    Section selector = spec.section("selector");
    if (selector == null) {
      return LabelSelector.EVERYTHING;
    }
    Map<String, String> labels = new LinkedHashMap<>();
    selector
        .textByKey("matchLabels")
        .forEach(
            (key, text) -> {
              checkKey(selector.faults(), key, text.line(), text.field());
              checkValue(selector.faults(), text);
              labels.put(key, text.value());
            });
    List<LabelSelector.Requirement> requirements = new ArrayList<>();
    for (Section expression : selector.sections("matchExpressions")) {
      LabelSelector.Requirement requirement = requirement(expression);
      if (requirement != null) {
        requirements.add(requirement);
      }
    }
    selector.end();
    return new LabelSelector(labels, requirements);
  }

  private static LabelSelector.Requirement requirement(Section expression) {
    ResourceFaults faults = expression.faults();
    Section.Text key = required(expression, "key", "the label it is about");
    Section.Text operator =
        required(expression, "operator", "one of " + String.join(", ", OPERATORS));
    List<Section.Text> values = expression.texts("values");
    expression.end();
    if (key != null) {
      checkKey(faults, key.value(), key.line(), key.field());
    }
    values.forEach(value -> checkValue(faults, value));
    if (operator == null || key == null) {
      return null;
    }
    if (!OPERATORS.contains(operator.value())) {
      String hint = NearestName.hint(operator.value(), OPERATORS);
      faults.error(
          operator.line(),
          operator.field(),
          FaultLog.quoted(operator.value())
              + " is not an operator"
              + (hint.isEmpty() ? "; known are " + String.join(", ", OPERATORS) : hint));
      return null;
    }
    boolean compares = operator.value().equals("In") || operator.value().equals("NotIn");
    if (compares == values.isEmpty()) {
      faults.error(
          expression.line("values"),
          expression.field("values"),
          operator.value() + (compares ? " needs one value at least" : " takes no values"));
    }
    return new LabelSelector.Requirement(
        key.value(), operator.value(), values.stream().map(Section.Text::value).toList());
  }

  private static Section.Text required(Section expression, String name, String what) {
    Section.Text text = expression.text(name);
    if (text == null && !expression.has(name)) {
      expression
          .faults()
          .error(expression.line(), expression.field(name), "is missing; name " + what);
    }
    return text;
  }

  private static void checkKey(ResourceFaults faults, String key, int line, String field) {
    if (!KubernetesNames.isLabelKey(key)) {
      faults.error(line, field, FaultLog.quoted(key) + " can't be a label's name in Kubernetes");
    }
  }

  private static void checkValue(ResourceFaults faults, Section.Text value) {
    if (!KubernetesNames.isLabelValue(value.value())) {
      faults.error(
          value.line(),
          value.field(),
          FaultLog.quoted(value.value()) + " can't be a label's value in Kubernetes");
    }
  }
}

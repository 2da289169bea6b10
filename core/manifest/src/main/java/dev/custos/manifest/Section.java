package dev.custos.manifest;

import dev.custos.format.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A mapping that is read field by field. What was asked for is what is known: {@link #end} reports
 * the rest, with the nearest of the names that were asked for.
 */
final class Section {
  /** A text with where it stands. */
  record Text(String value, int line, String field) {}

  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,79}");

  private final ResourceFaults faults;
  private final YamlNode.Mapping node;
  private final String path;
  private final Set<String> asked = new LinkedHashSet<>();

  Section(ResourceFaults faults, YamlNode.Mapping node, String path) {
    this.faults = faults;
    this.node = node;
    this.path = path;
  }

  ResourceFaults faults() {
    return faults;
  }

  /** Where the section starts. */
  int line() {
    return node.line();
  }

  /** Where a field stands, or the section if it is absent. */
  int line(String name) {
    YamlNode value = node.get(name);
    return value == null ? node.line() : value.line();
  }

  /** The path of a field from the document's top. */
  String field(String name) {
    if (!PLAIN_NAME.matcher(name).matches()) {
      return path + "[" + FaultLog.quoted(name) + "]";
    }
    return path.isEmpty() || path.endsWith(".") ? path + name : path + "." + name;
  }

  String path() {
    return path;
  }

  boolean has(String name) {
    return value(name) != null;
  }

  /** Whether a list is absent or has no item; a field that is no list is not empty but wrong. */
  boolean isEmpty(String name) {
    YamlNode value = value(name);
    return value == null
        || (value instanceof YamlNode.Sequence sequence && sequence.items().isEmpty());
  }

  /** Accepts a field without looking at it. */
  void skip(String... names) {
    asked.addAll(List.of(names));
  }

  private YamlNode value(String name) {
    asked.add(name);
    YamlNode value = node.get(name);
    boolean nothing =
        value instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Scalar.Type.NOTHING;
    return nothing ? null : value;
  }

  private void mustBe(String what, YamlNode value, String field) {
    faults.error(value.line(), field, "must be " + what + ", but is " + value.describe());
  }

  /** A text, or null if the field is absent or wrong. */
  Text text(String name) {
    YamlNode value = value(name);
    return value == null ? null : text(value, field(name));
  }

  private Text text(YamlNode value, String field) {
    if (!(value instanceof YamlNode.Scalar scalar)) {
      mustBe("text", value, field);
      return null;
    }
    YamlNode.Scalar.Type type = scalar.type();
    if (type == YamlNode.Scalar.Type.FLAG || type == YamlNode.Scalar.Type.NUMBER) {
      faults.warning(
          value.line(),
          field,
          scalar.describe() + " is taken as text; Kubernetes takes it only in quotes");
    }
    return new Text(scalar.text(), value.line(), field);
  }

  /** A flag; false if the field is absent or wrong. */
  boolean flag(String name) {
    YamlNode value = value(name);
    if (value == null) {
      return false;
    }
    if (value instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Scalar.Type.FLAG) {
      return scalar.isSet();
    }
    mustBe("true or false", value, field(name));
    return false;
  }

  /** A whole number from 0 on; 0 if the field is absent or wrong. */
  int number(String name) {
    YamlNode value = value(name);
    return value == null ? 0 : number(value, field(name));
  }

  private int number(YamlNode value, String field) {
    boolean digits =
        value instanceof YamlNode.Scalar scalar
            && scalar.plain()
            && scalar.text().matches("[0-9]{1,10}")
            && Long.parseLong(scalar.text()) <= Integer.MAX_VALUE;
    if (!digits) {
      mustBe("a whole number from 0 to " + Integer.MAX_VALUE, value, field);
      return 0;
    }
    return Integer.parseInt(((YamlNode.Scalar) value).text());
  }

  /** The items of a list; none if the field is absent or wrong. */
  private List<YamlNode> items(String name) {
    YamlNode value = value(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof YamlNode.Sequence sequence) {
      return sequence.items();
    }
    String field = field(name);
    if (value instanceof YamlNode.Scalar scalar) {
      String written = FaultLog.shortened(scalar.text());
      faults.error(
          value.line(),
          field,
          "must be a list, but is " + scalar.describe() + "; write [" + written + "]");
    } else {
      mustBe("a list", value, field);
    }
    return List.of();
  }

  /** A list of texts; what is no text is reported and left out. */
  List<Text> texts(String name) {
    List<Text> texts = new ArrayList<>();
    List<YamlNode> items = items(name);
    String list = field(name);
    for (int i = 0; i < items.size(); i++) {
      Text text = text(items.get(i), list + "[" + i + "]");
      if (text != null && isNothing(items.get(i))) {
        faults.error(text.line(), text.field(), "must be text, but is nothing");
      } else if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  private static boolean isNothing(YamlNode value) {
    return value instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Scalar.Type.NOTHING;
  }

  /** A list of whole numbers from 0 on. */
  List<Integer> numbers(String name) {
    List<Integer> numbers = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      numbers.add(number(items.get(i), field(name) + "[" + i + "]"));
    }
    return numbers;
  }

  /** A mapping of texts in the order in which it is written. */
  Map<String, Text> textByKey(String name) {
    Section section = section(name);
    if (section == null) {
      return Map.of();
    }
    Map<String, Text> texts = new LinkedHashMap<>();
    for (YamlNode.Entry entry : section.node.entries()) {
      String field = section.field(entry.key());
      Text text =
          isNothing(entry.value())
              ? new Text("", entry.line(), field)
              : section.text(entry.value(), field);
      if (text != null) {
        texts.put(entry.key(), text);
      }
    }
    return texts;
  }

  /** A mapping, or null if the field is absent or wrong. */
  Section section(String name) {
    YamlNode value = value(name);
    if (value == null || value instanceof YamlNode.Mapping) {
      return value == null ? null : new Section(faults, (YamlNode.Mapping) value, field(name));
    }
    mustBe("a mapping", value, field(name));
    return null;
  }

  /** A list of mappings; what is none is reported and left out. */
  List<Section> sections(String name) {
    List<Section> sections = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      String field = field(name) + "[" + i + "]";
      if (items.get(i) instanceof YamlNode.Mapping mapping) {
        sections.add(new Section(faults, mapping, field));
      } else {
        mustBe("a mapping", items.get(i), field);
      }
    }
    return sections;
  }

  /** Reports every field that nobody asked for. */
  void end() {
    for (YamlNode.Entry entry : node.entries()) {
      if (!asked.contains(entry.key())) {
        String hint = NearestName.hint(entry.key(), asked);
        faults.error(
            entry.line(),
            field(entry.key()),
            "there is no such field" + (hint.isEmpty() ? "; known are " + known() : hint));
      }
    }
  }

  private String known() {
    return String.join(", ", asked);
  }
}

package dev.custos.sinks.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names that others chose, as names of JSON fields. To Elasticsearch and its kin a dot in a field's
 * name means an object within: the labels {@code app} and {@code app.kubernetes.io/name} together
 * would make it refuse the event. Dots become underscores, as its own collectors have it; a name
 * that is taken then gets one more underscore.
 */
final class Dedotted {
  private Dedotted() {}

  /** The same entries under names without a dot, in a stable order. */
  static Map<String, String> names(Map<String, String> entries) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(entries).entrySet()) {
      String name = entry.getKey().replace('.', '_');
      while (names.containsKey(name)
          || (!name.equals(entry.getKey()) && entries.containsKey(name))) {
        name += "_";
      }
      names.put(name, entry.getValue());
    }
    return names;
  }
}

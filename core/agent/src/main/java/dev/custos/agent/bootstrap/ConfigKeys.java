package dev.custos.agent.bootstrap;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.format.NearestName;
import dev.custos.spi.event.Printable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares the keys of what somebody wrote with those of a reference, at every depth. A section
 * that is empty in the reference takes keys of one's own choice; a key that is null there has no
 * default, and takes anything.
 */
final class ConfigKeys {
  /** For a section that is all the host's: nothing is free, and nobody else looks at the types. */
  static final ConfigKeys OF_HOST =
      new ConfigKeys(Set.of("custos.sinks", "custos.backends"), false);

  /** For a plugin's own: it reads the values itself, and what kind they are is known here. */
  static final ConfigKeys OF_PLUGIN = new ConfigKeys(Set.of(), true);

  private final Set<String> free;
  private final boolean withTypes;

  private ConfigKeys(Set<String> free, boolean withTypes) {
    this.free = free;
    this.withTypes = withTypes;
  }

  /**
   * Adds a fault for each key that can't be.
   *
   * @param path of what is compared, with a dot at its end; empty for the root
   */
  void check(ConfigObject written, ConfigObject reference, String path, ConfigFaults faults) {
    for (Map.Entry<String, ConfigValue> entry : written.entrySet()) {
      ConfigValue known = reference.get(entry.getKey());
      if (known == null) {
        faults.add(
            entry.getValue().origin(),
            written.origin(),
            path
                + Printable.escape(entry.getKey())
                + " is not a setting"
                + expected(entry.getKey(), reference.keySet()));
      } else {
        checkValue(entry.getValue(), known, path + entry.getKey(), written.origin(), faults);
      }
    }
  }

  private static String expected(String written, Set<String> known) {
    String hint = NearestName.hint(written, new TreeSet<>(known));
    return hint.isEmpty() ? "; expected " + String.join(", ", new TreeSet<>(known)) : hint;
  }

  private void checkValue(
      ConfigValue written,
      ConfigValue known,
      String path,
      ConfigOrigin section,
      ConfigFaults faults) {
    if (isUnknown(written) || known.valueType() == ConfigValueType.NULL) {
      return;
    }
    boolean isSection = written instanceof ConfigObject;
    if (known instanceof ConfigObject inner) {
      if (!isSection) {
        faults.add(written.origin(), section, path + " is a section, not a value: { ... }");
      } else if (!inner.isEmpty() && !free.contains(path)) {
        check((ConfigObject) written, inner, path + ".", faults);
      }
    } else if (!withTypes) {
      // Whoever reads the value says so, and what it should be.
      return;
    } else if (isSection) {
      faults.add(written.origin(), section, path + " is a value, not a section");
    } else if (!fits(written, known.valueType())) {
      // Without the value: it may be a secret that stands in the wrong place.
      faults.add(written.origin(), section, path + " has a wrong value; expected " + name(known));
    }
  }

  /** Whether it is null, or refers to something that is not known yet. */
  private static boolean isUnknown(ConfigValue written) {
    try {
      return written.valueType() == ConfigValueType.NULL;
    } catch (ConfigException.NotResolved e) {
      return true;
    }
  }

  private static boolean fits(ConfigValue written, ConfigValueType wanted) {
    ConfigValueType type = written.valueType();
    String text = String.valueOf(written.unwrapped());
    return switch (wanted) {
      case NUMBER -> type == ConfigValueType.NUMBER || text.matches("-?[0-9.]+");
      case BOOLEAN -> type == ConfigValueType.BOOLEAN || text.matches("true|false|yes|no|on|off");
      case LIST -> type == ConfigValueType.LIST;
      case STRING -> type != ConfigValueType.LIST;
      case OBJECT, NULL -> true;
    };
  }

  private static String name(ConfigValue known) {
    return switch (known.valueType()) {
      case NUMBER -> "a number, such as " + known.unwrapped();
      case BOOLEAN -> "true or false";
      case LIST -> "a list: [a, b]";
      default -> "a text";
    };
  }
}

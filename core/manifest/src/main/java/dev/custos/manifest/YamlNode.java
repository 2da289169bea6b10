package dev.custos.manifest;

import java.util.List;
import java.util.regex.Pattern;

/** A document as a tree that knows its lines; aliases and merge keys are resolved. */
sealed interface YamlNode {
  /** Counts from 1, within the file. */
  int line();

  /** What a user would call it. */
  String describe();

  /**
   * Text, number, flag or nothing.
   *
   * @param plain without quotes, so that YAML may take it for something else than text
   */
  record Scalar(int line, String text, boolean plain) implements YamlNode {
    /** What YAML 1.1 (which kubectl reads) or 1.2 takes a plain scalar for. */
    enum Type {
      NOTHING,
      FLAG,
      NUMBER,
      TEXT
    }

    private static final Pattern NUMBER =
        Pattern.compile(
            "[-+]?([0-9][0-9_]*(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+"
                + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    Type type() {
      if (!plain) {
        return Type.TEXT;
      }
      return switch (text) {
        case "", "~", "null", "Null", "NULL" -> Type.NOTHING;
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON" -> Type.FLAG;
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" -> Type.FLAG;
        default -> isNumber() ? Type.NUMBER : Type.TEXT;
      };
    }

    /** Of a {@link Type#FLAG}: whether it is set. */
    boolean isSet() {
      char first = Character.toLowerCase(text.charAt(0));
      return first == 't' || first == 'y' || text.equalsIgnoreCase("on");
    }

    private boolean isNumber() {
      // Bounded before it is matched: nobody writes a number of 100 characters.
      return text.length() < 100
          && "+-.0123456789".indexOf(text.charAt(0)) >= 0
          && NUMBER.matcher(text).matches();
    }

    @Override
    public String describe() {
      return switch (type()) {
        case NOTHING -> "nothing";
        case FLAG -> text;
        case NUMBER -> "the number " + FaultLog.quoted(text);
        case TEXT -> "the text " + FaultLog.quoted(text);
      };
    }
  }

  /** A list. */
  record Sequence(int line, List<YamlNode> items) implements YamlNode {
    @Override
    public String describe() {
      return "a list";
    }
  }

  /** A mapping; no key is there twice. */
  record Mapping(int line, List<Entry> entries) implements YamlNode {
    /** The value of a key, or null. */
    YamlNode get(String key) {
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          return entry.value();
        }
      }
      return null;
    }

    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** One key of a mapping, with the line of the key. */
  record Entry(int line, String key, YamlNode value) {}
}

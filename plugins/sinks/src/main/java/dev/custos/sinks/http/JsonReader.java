package dev.custos.sinks.http;

import java.nio.charset.StandardCharsets;

/**
 * Reads JSON (RFC 8259) that a server sent: from front to back, without a tree and without
 * recursion, so that neither size nor depth of an answer costs more than the answer itself. It
 * takes some texts that are not quite JSON; what can't be made sense of is {@link Malformed}.
 */
final class JsonReader {
  /** How much of a string is kept. Bytes. */
  private static final int KEPT = 1024;

  /** An answer that is no JSON, or is cut off. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private Malformed(String message) {
      // Made often under attack, and never looked into.
      super(message, null, false, false);
    }
  }

  private final byte[] text;
  private int at;

  JsonReader(byte[] text) {
    this.text = text;
  }

  /** The next character that is no white space; not taken. 0 at the end. */
  char peek() {
    while (at < text.length) {
      byte c = text[at];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return (char) (c & 0xff);
      }
      at++;
    }
    return 0;
  }

  /** Takes this character, which must be next. */
  void take(char wanted) throws Malformed {
    if (peek() != wanted) {
      throw malformed("expected " + wanted);
    }
    at++;
  }

  /** Whether another element comes before {@code close}; takes the comma, or the end. */
  boolean more(char close) throws Malformed {
    char c = peek();
    if (c == close) {
      at++;
      return false;
    }
    if (c == ',') {
      at++;
      c = peek();
    }
    if (c == 0 || c == ',' || c == close) {
      throw malformed("expected a value");
    }
    return true;
  }

  /** The name of a member, and its colon. */
  String name() throws Malformed {
    String name = string();
    take(':');
    return name;
  }

  /** A string, or the beginning of a long one. */
  String string() throws Malformed {
    take('"');
    StringBuilder found = new StringBuilder();
    int start = at;
    while (at < text.length) {
      byte c = text[at];
      if (c == '"') {
        keep(found, start, at);
        at++;
        return found.toString();
      }
      if (c == '\\') {
        keep(found, start, at);
        escape(found);
        start = at;
      } else {
        at++;
      }
    }
    throw malformed("a string has no end");
  }

  private void keep(StringBuilder found, int from, int to) {
    int count = Math.min(to - from, KEPT - Math.min(KEPT, found.length()));
    if (count > 0) {
      found.append(new String(text, from, count, StandardCharsets.UTF_8));
    }
  }

  private void escape(StringBuilder found) throws Malformed {
    if (at + 1 >= text.length) {
      throw malformed("a string has no end");
    }
    char c = (char) text[at + 1];
    at += 2;
    char meant =
        switch (c) {
          case 'n' -> '\n';
          case 't' -> '\t';
          case 'r' -> '\r';
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'u' -> unit();
          default -> c;
        };
    if (found.length() < KEPT) {
      found.append(meant);
    }
  }

  private char unit() throws Malformed {
    if (at + 4 > text.length) {
      throw malformed("a string has no end");
    }
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(text[at + i], 16);
      if (digit < 0) {
        throw malformed("expected four hexadecimal digits");
      }
      value = value << 4 | digit;
    }
    at += 4;
    return (char) value;
  }

  /** A whole number; -1 for a value that is none or that an int does not hold. */
  int number() throws Malformed {
    char first = peek();
    if (first < '0' || first > '9') {
      skip();
      return -1;
    }
    long value = 0;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      value = Math.min(Integer.MAX_VALUE + 1L, value * 10 + text[at] - '0');
      at++;
    }
    boolean whole = at == text.length || !scalar(text[at]);
    skipScalar();
    return whole && value <= Integer.MAX_VALUE ? (int) value : -1;
  }

  /** Whether the value is {@code true}; any other is skipped. */
  boolean isTrue() throws Malformed {
    boolean found = peek() == 't';
    skip();
    return found;
  }

  /** Skips a value, however deep it is. */
  void skip() throws Malformed {
    int depth = 0;
    do {
      char c = peek();
      switch (c) {
        case 0 -> throw malformed("a value has no end");
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          if (depth == 0) {
            throw malformed("expected a value");
          }
          depth--;
          at++;
        }
        case '"' -> skipString();
        case ',', ':' -> {
          if (depth == 0) {
            throw malformed("expected a value");
          }
          at++;
        }
        default -> skipScalar();
      }
    } while (depth > 0);
  }

  private void skipString() throws Malformed {
    at++;
    while (at < text.length) {
      byte c = text[at];
      at += c == '\\' ? 2 : 1;
      if (c == '"') {
        return;
      }
    }
    throw malformed("a string has no end");
  }

  private void skipScalar() {
    while (at < text.length && scalar(text[at])) {
      at++;
    }
  }

  private static boolean scalar(byte c) {
    return switch (c) {
      case ' ', '\n', '\r', '\t', ',', ':', '{', '}', '[', ']', '"' -> false;
      default -> true;
    };
  }

  private Malformed malformed(String what) {
    return new Malformed(what + " at byte " + Math.min(at, text.length));
  }
}

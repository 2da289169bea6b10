package dev.custos.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads one template; see {@link LineTemplate} for the notation. */
final class TemplateParser {
  private static final int MAX_WIDTH = 1024;
  private static final int MAX_PRECISION = 65_535;
  private static final byte[] SPACE = {' '};

  private final String text;
  private final TemplateKind kind;
  private final List<byte[]> literals = new ArrayList<>();
  private final List<Specifier> specifiers = new ArrayList<>();
  private final List<Layout> layouts = new ArrayList<>();
  private final StringBuilder literal = new StringBuilder();
  private int at;

  TemplateParser(String text, TemplateKind kind) {
    this.text = text;
    this.kind = kind;
  }

  LineTemplate parse() throws TemplateException {
    if (text.length() > LineTemplate.MAX_LENGTH) {
      throw fault(
          LineTemplate.MAX_LENGTH,
          "the template is longer than " + LineTemplate.MAX_LENGTH + " characters");
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '{' && c != '}') {
        literal.append(c);
        at++;
      } else if (at + 1 < text.length() && text.charAt(at + 1) == c) {
        literal.append(c);
        at += 2;
      } else if (c == '{') {
        endLiteral();
        specifier();
      } else {
        throw fault(at, "\"}\" without a \"{\" before it; write \"}}\" for a brace itself");
      }
    }
    endLiteral();
    return new LineTemplate(text, kind, literals, specifiers, layouts);
  }

  private void endLiteral() {
    literals.add(SafeText.escape(literal.toString()).getBytes(StandardCharsets.UTF_8));
    literal.setLength(0);
  }

  private void specifier() throws TemplateException {
    int open = at++;
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(start, at);
    if (at == text.length()) {
      throw unclosed(open);
    }
    char end = text.charAt(at);
    if (end != ':' && end != '}') {
      throw fault(at, "a specifier is a name, then \":\" or \"}\", but here is " + here());
    }
    specifiers.add(find(name, start));
    layouts.add(end == ':' ? layout(open) : null);
    at++;
  }

  private static boolean isNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  private Specifier find(String name, int start) throws TemplateException {
    if (name.isEmpty() || name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw fault(
          start - 1,
          "\"{" + name + "}\" names no specifier; known are " + String.join(", ", kind.words()));
    }
    Specifier found = kind.specifier(name);
    if (found != null) {
      return found;
    }
    TemplateKind other = kind == TemplateKind.WATCH ? TemplateKind.GUARD : TemplateKind.WATCH;
    if (other.specifier(name) != null) {
      throw fault(
          start,
          "\""
              + name
              + "\" is a specifier of "
              + (other == TemplateKind.GUARD
                  ? "guards, not of watchers"
                  : "watchers, not of guards"));
    }
    String hint = NearestName.hint(name, kind.words());
    throw fault(
        start,
        "\""
            + name
            + "\" is not a specifier"
            + (hint.isEmpty() ? "; known are " + String.join(", ", kind.words()) : hint));
  }

  /** Reads what follows the colon at {@link #at}, up to the closing brace, which stays. */
  private Layout layout(int open) throws TemplateException {
    at++;
    byte[] fill = SPACE;
    Layout.Align align = Layout.Align.LEFT;
    int afterFill = at < text.length() ? text.offsetByCodePoints(at, 1) : at;
    if (afterFill < text.length() && align(text.charAt(afterFill)) != null) {
      fill = fill();
      align = align(text.charAt(afterFill));
      at = afterFill + 1;
    } else if (at < text.length() && align(text.charAt(at)) != null) {
      align = align(text.charAt(at));
      at++;
    }
    if (at < text.length() && text.charAt(at) == '0') {
      throw fault(at, "a width does not start with 0: padding with zeros is for numbers");
    }
    int width = number("width", MAX_WIDTH, 0);
    int precision = -1;
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      precision = number("precision", MAX_PRECISION, -1);
      if (precision < 0) {
        throw at < text.length()
            ? fault(at, "a number must follow the \".\", but here is " + here())
            : unclosed(open);
      }
    }
    if (at < text.length() && text.charAt(at) == 's') {
      at++;
    }
    if (at == text.length()) {
      throw unclosed(open);
    }
    if (text.charAt(at) != '}') {
      throw fault(at, unexpected());
    }
    return width == 0 && precision < 0 ? null : new Layout(fill, align, width, precision);
  }

  private String unexpected() {
    return text.charAt(at) == '{'
        ? "a width or precision is a number here, not a specifier"
        : here() + " is not part of a string's format; it is [[fill]<|^|>][width][.precision][s]";
  }

  private byte[] fill() throws TemplateException {
    int c = text.codePointAt(at);
    if (c == '{' || c == '}') {
      throw fault(at, "a brace can't be a fill character");
    }
    if (SafeText.isInvisible(c)) {
      throw fault(at, here() + " can't be a fill character: it can't be seen");
    }
    return new String(Character.toChars(c)).getBytes(StandardCharsets.UTF_8);
  }

  private static Layout.Align align(char c) {
    return switch (c) {
      case '<' -> Layout.Align.LEFT;
      case '^' -> Layout.Align.CENTER;
      case '>' -> Layout.Align.RIGHT;
      default -> null;
    };
  }

  private int number(String what, int greatest, int absent) throws TemplateException {
    int start = at;
    int value = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = value * 10 + (text.charAt(at) - '0');
      if (value > greatest) {
        throw fault(start, "the " + what + " is at most " + greatest);
      }
      at++;
    }
    return at == start ? absent : value;
  }

  private String here() {
    return "\"" + SafeText.escape(new String(Character.toChars(text.codePointAt(at)))) + "\"";
  }

  private TemplateException unclosed(int open) {
    return fault(open, "\"{\" without a \"}\" after it; write \"{{\" for a brace itself");
  }

  private TemplateException fault(int index, String message) {
    return new TemplateException(text.codePointCount(0, index) + 1, message);
  }
}

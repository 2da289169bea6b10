package dev.custos.format;

/** Text that somebody else wrote, made fit for one line of a log or of a terminal. */
public final class SafeText {
  private SafeText() {}

  /**
   * The text with what draws nothing or reorders its neighbours made visible: {@code \n}, {@code
   * \t}, {@code \r}, other ASCII controls as {@code \xHH}, C1 controls and invisible characters
   * (Unicode categories Cf, Zl, Zp, Cs and noncharacters) as <code>&#92;u{HEX}</code>. A backslash
   * stays as it is.
   */
  public static String escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c >= 0x7f) {
        return escapeAll(text);
      }
    }
    return text;
  }

  private static String escapeAll(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(out, c));
    return out.toString();
  }

  private static void append(StringBuilder out, int c) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c < 0x20 || c == 0x7f) {
          out.append("\\x")
              .append(Character.forDigit(c >> 4, 16))
              .append(Character.forDigit(c & 15, 16));
        } else if (isInvisible(c)) {
          out.append("\\u{").append(Integer.toHexString(c)).append('}');
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }

  /** Whether a character draws nothing of its own or changes how its neighbours are drawn. */
  static boolean isInvisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> (codePoint & 0xfffe) == 0xfffe || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);
    };
  }
}

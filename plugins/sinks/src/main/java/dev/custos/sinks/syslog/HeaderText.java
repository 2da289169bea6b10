package dev.custos.sinks.syslog;

import java.nio.charset.StandardCharsets;

/** Text of header fields, where only PRINTUSASCII (RFC 5424, section 6) may stand. */
final class HeaderText {
  private static final byte[] NIL = {'-'};

  private HeaderText() {}

  /** A field of RFC 5424: other characters become question marks, and nothing at all a dash. */
  static byte[] field(String text, int longest) {
    if (text.isEmpty()) {
      return NIL;
    }
    byte[] field = new byte[Math.min(longest, text.length())];
    for (int i = 0; i < field.length; i++) {
      char c = text.charAt(i);
      field[i] = (byte) (c > 0x20 && c < 0x7f ? c : '?');
    }
    return field;
  }

  /**
   * A TAG of RFC 3164, section 4.1.3. It ends at the first character that is not alphanumeric, but
   * every receiver takes a few more for granted.
   */
  static byte[] tag(String text) {
    StringBuilder tag = new StringBuilder();
    for (int i = 0; i < text.length() && tag.length() < 32; i++) {
      char c = text.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      tag.append(plain || c == '-' || c == '_' || c == '.' ? c : '_');
    }
    return tag.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** What stands in the brackets after a TAG: whatever would end them is left out. */
  static String bracketed(String text) {
    return text.replaceAll("[\\[\\]:]", "_");
  }
}

package dev.custos.spi.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns bytes that somebody else chose into text that is safe in a terminal and in a one-record-per
 * line file.
 *
 * <p>A file name is any byte but NUL and {@code /} (path_resolution(7)). Valid UTF-8 that draws a
 * character passes as it is. The rest is escaped: {@code \n}, {@code \t}, {@code \r} and {@code \\}
 * by these names, other ASCII controls and every byte of invalid UTF-8 as {@code \xHH}, C1 controls
 * and characters that draw nothing or reorder their neighbours (Unicode general categories Cf, Zl,
 * Zp and noncharacters) as <code>&#92;u{HEX}</code>. The result is unambiguous, because {@code \x}
 * always stands for a byte and the backslash is escaped too, and it holds neither a line end nor a
 * terminal escape sequence.
 */
public final class Printable {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private Printable() {}

  /** The printable form of a text. Lone surrogates are treated as invalid. */
  public static String escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c >= 0x7f || c == '\\') {
        return new String(escape(encode(text)), StandardCharsets.UTF_8);
      }
    }
    return text;
  }

  /** The printable form of {@code raw}: the same array if there is nothing to escape. */
  public static byte[] escape(byte[] raw) {
    for (int i = 0; i < raw.length; i++) {
      byte b = raw[i];
      if (b < 0x20 || b == 0x7f || b == '\\') {
        return escapeFrom(raw, i);
      }
    }
    return raw;
  }

  private static byte[] encode(String text) {
    // String.getBytes would replace a lone surrogate by '?', which looks like a real question mark.
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    boolean lone =
        text.codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    return lone ? text.replaceAll("\\p{Cs}", "\ufffd").getBytes(StandardCharsets.UTF_8) : utf8;
  }

  private static byte[] escapeFrom(byte[] raw, int clean) {
    byte[] out = new byte[clean + (raw.length - clean) * 4 + 8];
    System.arraycopy(raw, 0, out, 0, clean);
    int n = clean;
    for (int i = clean; i < raw.length; ) {
      int b = raw[i] & 0xff;
      int length = b < 0x80 ? 1 : Utf8.sequenceLength(raw, i);
      if (out.length - n < 12) {
        out = Arrays.copyOf(out, out.length * 2);
      }
      if (length == 0) {
        n = hex(out, n, b);
        i++;
      } else if (length == 1) {
        n = ascii(out, n, b);
        i++;
      } else {
        int c = Utf8.codePoint(raw, i, length);
        // C1 controls are among them: as \x9b one would look like the lone byte 9b, which it is
        // not.
        if (isInvisible(c)) {
          n = unicode(out, n, c);
        } else {
          System.arraycopy(raw, i, out, n, length);
          n += length;
        }
        i += length;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private static int ascii(byte[] out, int at, int b) {
    int n = at;
    switch (b) {
      case '\n' -> n = pair(out, n, 'n');
      case '\r' -> n = pair(out, n, 'r');
      case '\t' -> n = pair(out, n, 't');
      case '\\' -> n = pair(out, n, '\\');
      default -> {
        if (b < 0x20 || b == 0x7f) {
          n = hex(out, n, b);
        } else {
          out[n++] = (byte) b;
        }
      }
    }
    return n;
  }

  private static int pair(byte[] out, int at, char c) {
    out[at] = '\\';
    out[at + 1] = (byte) c;
    return at + 2;
  }

  private static int hex(byte[] out, int at, int b) {
    out[at] = '\\';
    out[at + 1] = 'x';
    out[at + 2] = HEX[b >> 4];
    out[at + 3] = HEX[b & 15];
    return at + 4;
  }

  private static int unicode(byte[] out, int at, int codePoint) {
    byte[] digits = Integer.toHexString(codePoint).getBytes(StandardCharsets.US_ASCII);
    out[at] = '\\';
    out[at + 1] = 'u';
    out[at + 2] = '{';
    System.arraycopy(digits, 0, out, at + 3, digits.length);
    out[at + 3 + digits.length] = '}';
    return at + 4 + digits.length;
  }

  /**
   * Whether a character draws nothing of its own or changes the order or look of its neighbours.
   */
  public static boolean isInvisible(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.CONTROL
        || (codePoint & 0xfffe) == 0xfffe
        || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);
  }
}

package dev.custos.sinks.json;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing array of JSON text in UTF-8. It is used again for each batch, so that writing events
 * allocates nothing. What goes into a string is escaped such that the raw text is safe in a
 * terminal and always one line. Not thread-safe.
 */
public final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes;
  private int length;

  public JsonBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  /** The array that holds the text; another one once it had to grow. */
  public byte[] array() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /** Forgets what lies beyond {@code newLength}. */
  public void truncate(int newLength) {
    length = newLength;
  }

  /** Text that needs no escaping. */
  public JsonBuffer raw(byte[] text) {
    return raw(text, text.length);
  }

  /** The first {@code count} bytes of a text that needs no escaping. */
  public JsonBuffer raw(byte[] text, int count) {
    int at = room(count);
    System.arraycopy(text, 0, bytes, at, count);
    length = at + count;
    return this;
  }

  /** Text that is here already, once more. */
  JsonBuffer copyOf(int start, int count) {
    int at = room(count);
    System.arraycopy(bytes, start, bytes, at, count);
    length = at + count;
    return this;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** ASCII text that needs no escaping. */
  public JsonBuffer raw(String text) {
    return raw(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** One ASCII character that needs no escaping. */
  public JsonBuffer raw(char ascii) {
    int at = room(1);
    bytes[at] = (byte) ascii;
    length = at + 1;
    return this;
  }

  /** A number, in decimal. */
  public JsonBuffer number(long value) {
    if (value < 0) {
      return raw(Long.toString(value));
    }
    int digits = 1;
    for (long limit = 10; digits < 19 && value >= limit; limit *= 10) {
      digits++;
    }
    int at = room(digits);
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      long tenth = rest / 10;
      bytes[i] = (byte) ('0' + (rest - tenth * 10));
      rest = tenth;
    }
    length = at + digits;
    return this;
  }

  /** {@code "name":} for a name that needs no escaping. */
  JsonBuffer name(String name) {
    return raw('"').raw(name).raw('"').raw(':');
  }

  /** A string with its quotes. */
  public JsonBuffer string(String text) {
    return raw('"').content(text).raw('"');
  }

  /**
   * The content of a string: quotes, backslashes, controls, and characters that draw nothing or
   * reorder their neighbours are escaped as RFC 8259, section 7, has it. A lone surrogate, which is
   * no character, becomes U+FFFD.
   */
  public JsonBuffer content(String text) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      character(c);
    }
    return this;
  }

  /** The same for a path that is text, without the way through a String. */
  JsonBuffer content(FilePath text) {
    for (int i = 0; i < text.length(); ) {
      int lead = text.byteAt(i);
      // Well-formed UTF-8: the lead byte's high bits count the sequence's bytes.
      int count = lead >= 0 ? 1 : Integer.numberOfLeadingZeros(~(lead << 24));
      int c = lead >= 0 ? lead : lead & (0x7f >> count);
      for (int k = 1; k < count; k++) {
        c = c << 6 | (text.byteAt(i + k) & 0x3f);
      }
      i += count;
      character(c);
    }
    return this;
  }

  private void character(int c) {
    if (c == '"' || c == '\\') {
      raw('\\').raw((char) c);
    } else if (c >= 0x20 && c < 0x7f) {
      raw((char) c);
    } else if (c == '\n') {
      raw('\\').raw('n');
    } else if (c == '\r') {
      raw('\\').raw('r');
    } else if (c == '\t') {
      raw('\\').raw('t');
    } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      utf8(0xfffd);
    } else if (Printable.isInvisible(c)) {
      if (c > 0xffff) {
        unit(Character.highSurrogate(c));
        unit(Character.lowSurrogate(c));
      } else {
        unit((char) c);
      }
    } else {
      utf8(c);
    }
  }

  private void unit(char c) {
    int at = room(6);
    bytes[at] = '\\';
    bytes[at + 1] = 'u';
    for (int i = 0; i < 4; i++) {
      bytes[at + 2 + i] = HEX[c >> (12 - 4 * i) & 15];
    }
    length = at + 6;
  }

  private void utf8(int c) {
    int at = room(4);
    if (c < 0x800) {
      bytes[at++] = (byte) (0xc0 | c >> 6);
    } else {
      if (c < 0x10000) {
        bytes[at++] = (byte) (0xe0 | c >> 12);
      } else {
        bytes[at++] = (byte) (0xf0 | c >> 18);
        bytes[at++] = (byte) (0x80 | (c >> 12 & 0x3f));
      }
      bytes[at++] = (byte) (0x80 | (c >> 6 & 0x3f));
    }
    bytes[at++] = (byte) (0x80 | (c & 0x3f));
    length = at;
  }

  /**
   * The bytes of a path, if they can stand in a string as they are. Nearly all paths are such, and
   * this is the one loop over bytes that every event goes through.
   *
   * @return whether they could; if not, nothing was added
   */
  boolean plain(FilePath path) {
    int count = path.length();
    int at = room(count);
    byte[] target = bytes;
    path.copyTo(target, at);
    int end = at + count;
    for (int i = at; i < end; i++) {
      byte b = target[i];
      // Bytes from 0x80 on are negative.
      if (b < 0x20 || b == '"' || b == '\\' || b == 0x7f) {
        return false;
      }
    }
    length = end;
    return true;
  }

  /** Makes sure that this many bytes more fit, and tells where the next goes. */
  private int room(int more) {
    int needed = length + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
    }
    return length;
  }
}

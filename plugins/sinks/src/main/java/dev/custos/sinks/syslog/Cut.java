package dev.custos.sinks.syslog;

import java.nio.charset.StandardCharsets;

/**
 * Where a text that is too long may end: never within a UTF-8 sequence, nor within an escape of
 * {@link dev.custos.spi.event.Printable}, of which the rest would read as something else.
 */
final class Cut {
  /** Stands where text is missing. */
  static final byte[] MARK = "...".getBytes(StandardCharsets.US_ASCII);

  private Cut() {}

  /** How many of the first {@code most} bytes are whole characters and whole escapes. */
  static int plain(byte[] text, int length, int most) {
    int end = 0;
    while (end < length) {
      int next = end + unit(text, length, end);
      if (next > most) {
        break;
      }
      end = next;
    }
    return end;
  }

  /** The same where quotes, backslashes and brackets count twice: they are escaped once more. */
  static int value(byte[] text, int length, int most) {
    int end = 0;
    int cost = 0;
    while (end < length) {
      int next = end + unit(text, length, end);
      for (int i = end; i < next; i++) {
        cost += cost(text[i]);
      }
      if (cost > most) {
        break;
      }
      end = next;
    }
    return end;
  }

  /** How long a value is with its escapes. */
  static int valueLength(byte[] text, int length) {
    int cost = 0;
    for (int i = 0; i < length; i++) {
      cost += cost(text[i]);
    }
    return cost;
  }

  private static int cost(byte b) {
    return b == '"' || b == '\\' || b == ']' ? 2 : 1;
  }

  /** The length of the character or escape that starts at {@code i}. */
  private static int unit(byte[] text, int length, int i) {
    int lead = text[i] & 0xff;
    int unit;
    if (lead == '\\' && i + 1 < length) {
      unit = escape(text, length, i);
    } else {
      unit = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }
    return Math.min(unit, length - i);
  }

  private static int escape(byte[] text, int length, int i) {
    return switch (text[i + 1]) {
      case 'x' -> 4;
      case 'u' -> {
        // u{10ffff} is the longest.
        int end = i + 2;
        while (end < length && end < i + 10 && text[end] != '}') {
          end++;
        }
        yield end + 1 - i;
      }
      default -> 2;
    };
  }
}

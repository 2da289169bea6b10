package dev.custos.sinks.syslog;

import java.util.Arrays;

/** A growing array that messages are written to, one after the other. Not thread-safe. */
final class MessageBuffer {
  private byte[] bytes;
  private int length;

  MessageBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  /** The array that holds the messages; another one once it had to grow. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Forgets what lies beyond {@code newLength}. */
  void truncate(int newLength) {
    length = newLength;
  }

  private int room(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
    return length;
  }

  MessageBuffer raw(byte[] text) {
    return raw(text, 0, text.length);
  }

  MessageBuffer raw(byte[] text, int from, int count) {
    int at = room(count);
    System.arraycopy(text, from, bytes, at, count);
    length = at + count;
    return this;
  }

  MessageBuffer raw(char ascii) {
    int at = room(1);
    bytes[at] = (byte) ascii;
    length = at + 1;
    return this;
  }

  /** A number that is not negative, in decimal. */
  MessageBuffer number(long value) {
    int digits = digits(value);
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

  static int digits(long value) {
    int digits = 1;
    for (long limit = 10; digits < 19 && value >= limit; limit *= 10) {
      digits++;
    }
    return digits;
  }

  /** Makes room for {@code count} bytes at {@code at}, moving what stands there on. */
  void insert(int at, int count) {
    room(count);
    System.arraycopy(bytes, at, bytes, at + count, length - at);
    length += count;
  }

  /** Takes {@code count} bytes away at {@code at}, moving what comes after back. */
  void remove(int at, int count) {
    System.arraycopy(bytes, at + count, bytes, at, length - at - count);
    length -= count;
  }

  /** Writes a number of as many digits as there is room made for. */
  void numberAt(int at, int digits, long value) {
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  void byteAt(int at, char ascii) {
    bytes[at] = (byte) ascii;
  }

  /**
   * Text of a message: controls, of which there should be none, become a question mark, so that no
   * framing and no receiver ever finds a second record in it.
   */
  MessageBuffer text(byte[] text, int count) {
    int at = room(count);
    for (int i = 0; i < count; i++) {
      byte b = text[i];
      bytes[at + i] = (b >= 0 && b < 0x20) || b == 0x7f ? (byte) '?' : b;
    }
    length = at + count;
    return this;
  }

  /** A parameter's value: RFC 5424, section 6.3.3. */
  MessageBuffer value(byte[] text, int count) {
    int at = room(2 * count);
    for (int i = 0; i < count; i++) {
      byte b = text[i];
      if (b == '"' || b == '\\' || b == ']') {
        bytes[at++] = '\\';
      }
      bytes[at++] = (b >= 0 && b < 0x20) || b == 0x7f ? (byte) '?' : b;
    }
    length = at;
    return this;
  }
}

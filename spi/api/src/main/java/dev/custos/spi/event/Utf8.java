package dev.custos.spi.event;

/** Well-formed UTF-8 byte sequences, after table 3-7 of the Unicode standard. */
final class Utf8 {
  private Utf8() {}

  /** The length of the well-formed sequence that starts at {@code i}, or 0 if there is none. */
  static int sequenceLength(byte[] raw, int i) {
    int b = raw[i] & 0xff;
    if (b < 0x80) {
      return 1;
    }
    if (b < 0xc2 || b > 0xf4) {
      return 0;
    }
    int length = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    if (raw.length - i < length) {
      return 0;
    }
    for (int k = 1; k < length; k++) {
      if ((raw[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int second = raw[i + 1] & 0xff;
    boolean overlongOrSurrogateOrTooLarge =
        (b == 0xe0 && second < 0xa0)
            || (b == 0xed && second > 0x9f)
            || (b == 0xf0 && second < 0x90)
            || (b == 0xf4 && second > 0x8f);
    return overlongOrSurrogateOrTooLarge ? 0 : length;
  }

  /** The code point of a well-formed sequence of {@code length} bytes. */
  static int codePoint(byte[] raw, int i, int length) {
    int c = length == 1 ? raw[i] : raw[i] & (0x7f >> length);
    for (int k = 1; k < length; k++) {
      c = c << 6 | (raw[i + k] & 0x3f);
    }
    return c;
  }

  static boolean isWellFormed(byte[] raw) {
    for (int i = 0; i < raw.length; ) {
      int length = sequenceLength(raw, i);
      if (length == 0) {
        return false;
      }
      i += length;
    }
    return true;
  }
}

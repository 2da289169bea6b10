package dev.custos.format;

/**
 * How a value is fitted into its place: first cut to a number of columns, then filled up to
 * another.
 */
final class Layout {
  enum Align {
    LEFT,
    CENTER,
    RIGHT
  }

  private final byte[] fill;
  private final Align align;
  private final int width;
  private final int precision;

  /**
   * A layout.
   *
   * @param fill one character as UTF-8; it counts as one column, as in fmt
   * @param width least number of columns; 0 for none
   * @param precision greatest number of columns; negative for none
   */
  Layout(byte[] fill, Align align, int width, int precision) {
    this.fill = fill;
    this.align = align;
    this.width = width;
    this.precision = precision;
  }

  /** Fits what stands in {@code out} from {@code start} on. */
  void apply(LineBuffer out, int start) {
    int columns = fit(out, start);
    int missing = width - columns;
    if (missing <= 0) {
      return;
    }
    int before =
        switch (align) {
          case LEFT -> 0;
          case CENTER -> missing / 2;
          case RIGHT -> missing;
        };
    shift(out, start, before);
    for (int i = before; i < missing; i++) {
      out.append(fill);
    }
  }

  /** Cuts to the precision and says how many columns are left. */
  private int fit(LineBuffer out, int start) {
    byte[] bytes = out.array();
    int end = out.length();
    int columns = 0;
    int at = start;
    while (at < end) {
      int next = unitEnd(bytes, at, end);
      int wide = unitWidth(bytes, at, next);
      if (precision >= 0 && columns + wide > precision) {
        out.setLength(at);
        return columns;
      }
      columns += wide;
      at = next;
    }
    return columns;
  }

  /**
   * Where the unit ends that starts at {@code at}: a UTF-8 character, or a whole escape such as
   * {@code \n}, {@code \x1b}, <code>&#92;u{202e}</code>, because half an escape reads as something
   * else.
   */
  private static int unitEnd(byte[] bytes, int at, int end) {
    int b = bytes[at];
    if (b == '\\' && at + 1 < end) {
      return escapeEnd(bytes, at, end);
    }
    int length = b >= 0 ? 1 : sequenceLength(b);
    int stop = Math.min(end, at + length);
    for (int i = at + 1; i < stop; i++) {
      if ((bytes[i] & 0xc0) != 0x80) {
        return i;
      }
    }
    return stop;
  }

  private static int escapeEnd(byte[] bytes, int at, int end) {
    if (bytes[at + 1] == 'x') {
      return Math.min(end, at + 4);
    }
    if (bytes[at + 1] == 'u' && at + 2 < end && bytes[at + 2] == '{') {
      int stop = Math.min(end, at + 10);
      for (int i = at + 3; i < stop; i++) {
        if (bytes[i] == '}') {
          return i + 1;
        }
      }
    }
    // The second half may be the first byte of a character: that one is a unit of its own.
    return bytes[at + 1] >= 0 ? at + 2 : at + 1;
  }

  private static int unitWidth(byte[] bytes, int at, int end) {
    if (bytes[at] >= 0) {
      return end - at;
    }
    int length = end - at;
    if (length < 2 || length != sequenceLength(bytes[at])) {
      return 1;
    }
    int c = bytes[at] & (0x7f >> length);
    for (int i = at + 1; i < end; i++) {
      c = c << 6 | (bytes[i] & 0x3f);
    }
    return DisplayWidth.of(c);
  }

  private static int sequenceLength(int first) {
    int b = first & 0xff;
    return b < 0xc2 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 1;
  }

  private void shift(LineBuffer out, int start, int count) {
    if (count == 0) {
      return;
    }
    int length = out.length();
    int room = count * fill.length;
    out.ensure(room);
    byte[] bytes = out.array();
    System.arraycopy(bytes, start, bytes, start + room, length - start);
    for (int at = start; at < start + room; at += fill.length) {
      System.arraycopy(fill, 0, bytes, at, fill.length);
    }
    out.setLength(length + room);
  }
}

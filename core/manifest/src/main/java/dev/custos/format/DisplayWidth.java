package dev.custos.format;

/** How many columns of a terminal a character takes: 0, 1 or 2. */
final class DisplayWidth {
  private DisplayWidth() {}

  /**
   * The width of one character. Wide are the ranges that fmt and std::format take as such (an
   * estimate of Unicode's East_Asian_Width); combining and format characters take no column.
   */
  static int of(int c) {
    if (c < 0x300) {
      return c == 0xad ? 0 : 1;
    }
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> isJamoWithinSyllable(c) ? 0 : isWide(c) ? 2 : 1;
    };
  }

  private static boolean isJamoWithinSyllable(int c) {
    return c >= 0x1160 && c <= 0x11ff;
  }

  private static boolean isWide(int c) {
    return c >= 0x1100
        && (c <= 0x115f
            || c == 0x2329
            || c == 0x232a
            || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f)
            || (c >= 0xac00 && c <= 0xd7a3)
            || (c >= 0xf900 && c <= 0xfaff)
            || (c >= 0xfe10 && c <= 0xfe19)
            || (c >= 0xfe30 && c <= 0xfe6f)
            || (c >= 0xff00 && c <= 0xff60)
            || (c >= 0xffe0 && c <= 0xffe6)
            || (c >= 0x1f300 && c <= 0x1f64f)
            || (c >= 0x1f680 && c <= 0x1f6ff)
            || (c >= 0x1f900 && c <= 0x1f9ff)
            || (c >= 0x20000 && c <= 0x2fffd)
            || (c >= 0x30000 && c <= 0x3fffd));
  }
}

package dev.custos.spi;

/** glob(7) on bytes, in time proportional to pattern times text whatever the pattern. */
final class Glob {
  private Glob() {}

  static boolean matches(byte[] pattern, byte[] text, int offset, int length) {
    int end = offset + length;
    int p = 0;
    int t = offset;
    int starAt = -1;
    int starText = 0;
    while (t < end) {
      int after = p < pattern.length ? step(pattern, p, text[t]) : -1;
      if (p < pattern.length && pattern[p] == '*') {
        starAt = p++;
        starText = t;
      } else if (after >= 0) {
        p = after;
        t++;
      } else if (starAt >= 0 && text[starText] != '/') {
        // The last star takes one byte more; earlier stars never need to.
        p = starAt + 1;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  /** Where the pattern goes on if its element at {@code p} takes this byte, or -1. */
  private static int step(byte[] pattern, int p, byte b) {
    return switch (pattern[p]) {
      case '*' -> -1;
      case '?' -> b == '/' ? -1 : p + 1;
      case '[' -> {
        int close = closing(pattern, p);
        yield close < 0 ? literal(pattern, p, b) : set(pattern, p, close, b);
      }
      case '\\' -> literal(pattern, p + 1 < pattern.length ? p + 1 : p, b);
      default -> literal(pattern, p, b);
    };
  }

  private static int literal(byte[] pattern, int p, byte b) {
    return pattern[p] == b ? p + 1 : -1;
  }

  private static int closing(byte[] pattern, int open) {
    int i = open + 1;
    if (i < pattern.length && (pattern[i] == '!' || pattern[i] == '^')) {
      i++;
    }
    i++; // a ']' that comes first stands for itself
    while (i < pattern.length && pattern[i] != ']') {
      i++;
    }
    return i < pattern.length ? i : -1;
  }

  private static int set(byte[] pattern, int open, int close, byte b) {
    int i = open + 1;
    boolean negated = pattern[i] == '!' || pattern[i] == '^';
    if (negated) {
      i++;
    }
    int c = b & 0xff;
    boolean found = false;
    while (i < close) {
      int low = pattern[i] & 0xff;
      if (i + 2 < close && pattern[i + 1] == '-') {
        found |= c >= low && c <= (pattern[i + 2] & 0xff);
        i += 3;
      } else {
        found |= c == low;
        i++;
      }
    }
    return found != negated && b != '/' ? close + 1 : -1;
  }
}

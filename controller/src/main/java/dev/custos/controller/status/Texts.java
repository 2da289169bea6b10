package dev.custos.controller.status;

import dev.custos.format.SafeText;

/** What others wrote, made fit for a status: bounded, and one line. */
final class Texts {
  static final int LONGEST_PATH = 1024;
  static final int LONGEST_REASON = 512;
  static final int LONGEST_MESSAGE = 1024;
  private static final String MORE = "...";

  private Texts() {}

  /** Escaped, and cut at {@code most} characters if it is longer. */
  static String bounded(String text, int most) {
    // Cut before as well: escaping makes a text longer, never shorter.
    String escaped = SafeText.escape(text.length() > most ? text.substring(0, most + 1) : text);
    if (escaped.length() <= most) {
      return escaped;
    }
    int end = most - MORE.length();
    // Half of a surrogate pair is no character.
    if (Character.isHighSurrogate(escaped.charAt(end - 1))) {
      end--;
    }
    return escaped.substring(0, end) + MORE;
  }

  /** {@code 1 path}, {@code 2 paths}. */
  static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}

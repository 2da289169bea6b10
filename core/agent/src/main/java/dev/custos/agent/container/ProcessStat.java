package dev.custos.agent.container;

import java.util.Optional;

/**
 * Two fields of {@code /proc/PID/stat}, proc_pid_stat(5).
 *
 * @param state the third field, a letter
 * @param startTime the 22nd field: ticks from the start of the machine to that of the process
 */
record ProcessStat(char state, long startTime) {
  private static final int FIRST_AFTER_NAME = 3;
  private static final int START_TIME = 22;

  /**
   * Reads it. The second field is the name in parentheses, which the process itself chooses, with
   * blanks and parentheses if it likes; no field after it has one.
   */
  static Optional<ProcessStat> parse(String text) {
    int end = text.lastIndexOf(')');
    if (end < 0 || end + 2 >= text.length()) {
      return Optional.empty();
    }
    String[] fields = text.substring(end + 2).split(" ", START_TIME - FIRST_AFTER_NAME + 2);
    if (fields.length <= START_TIME - FIRST_AFTER_NAME || fields[0].length() != 1) {
      return Optional.empty();
    }
    try {
      long start = Long.parseLong(fields[START_TIME - FIRST_AFTER_NAME].strip());
      return Optional.of(new ProcessStat(fields[0].charAt(0), start));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether it has ended and is not waited for yet: it has no files any more. */
  boolean hasEnded() {
    return state == 'Z' || state == 'X' || state == 'x';
  }
}

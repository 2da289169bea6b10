package dev.custos.sinks.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** What somebody who mistyped a word may have meant. */
final class NearestWord {
  private static final int LONGEST = 64;

  private NearestWord() {}

  /** The word that is fewest typing errors away, if that is less than half of it. */
  static Optional<String> to(String given, Collection<String> words) {
    if (given.length() > LONGEST) {
      return Optional.empty();
    }
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String word : words) {
      int errors = errors(given.toLowerCase(Locale.ROOT), word);
      if (errors < fewest && errors * 2 <= word.length()) {
        fewest = errors;
        best = word;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Letters to insert, delete, replace or swap with their neighbour. */
  private static int errors(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int least = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
        cost[i][j] = Math.min(least, cost[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[from.length()][to.length()];
  }
}

package dev.custos.spi;

import java.util.List;

/**
 * What the kernel really has, compared with what the backend believes it asked for.
 *
 * @param expected how many kernel objects there should be
 * @param found how many there are
 * @param differences a sentence each, at most the first hundred
 */
public record Inspection(int expected, int found, List<String> differences) {
  public Inspection {
    differences = List.copyOf(differences);
  }

  public boolean matches() {
    return expected == found && differences.isEmpty();
  }
}

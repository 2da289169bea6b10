package dev.custos.controller.status;

import java.util.List;

/**
 * What an agent found when it compared the kernel with its plans.
 *
 * @param version of the snapshot that was in force
 * @param digest of what was found, compared for equality alone
 * @param expected how many kernel objects there should be
 * @param found how many there were
 * @param differences a sentence each, bounded and one line; the first ones if there are many
 */
public record KernelInspection(
    String version, String digest, long expected, long found, List<String> differences) {
  public KernelInspection {
    differences = List.copyOf(differences);
  }

  public boolean matches() {
    return expected == found && differences.isEmpty();
  }
}

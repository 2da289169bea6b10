package dev.custos.agent.desired;

import dev.custos.spi.Inspection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What the kernel has for all backends, compared with what it should have.
 *
 * @param expected how many kernel objects there should be
 * @param found how many there are
 * @param differences a sentence each, with the backend's name and the target's id before it
 */
public record KernelInspection(long expected, long found, List<String> differences) {
  static final KernelInspection NOTHING = new KernelInspection(0, 0, List.of());

  public KernelInspection {
    differences = List.copyOf(differences);
  }

  public boolean matches() {
    return expected == found && differences.isEmpty();
  }

  /** Of all of it, compared for equality alone: the same as long as nothing changes. */
  public String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((expected + " " + found).getBytes(StandardCharsets.UTF_8));
      for (String difference : differences) {
        sha.update(("\n" + difference).getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  KernelInspection and(String backend, Inspection more) {
    List<String> all = new ArrayList<>(differences);
    more.differences()
        .forEach(
            (target, told) ->
                told.forEach(difference -> all.add(backend + ": " + target + ": " + difference)));
    if (more.differences().isEmpty() && more.expected() != more.found()) {
      all.add(backend + ": " + more.found() + " kernel objects of " + more.expected());
    }
    return new KernelInspection(expected + more.expected(), found + more.found(), all);
  }
}

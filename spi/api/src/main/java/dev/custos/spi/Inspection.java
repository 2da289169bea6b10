package dev.custos.spi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel really has, compared with what the backend believes it asked for.
 *
 * <p>A target that is named here, twice in a row and in the same words, is put right by the host:
 * it gets an empty plan and then its own again, and the events of the time between are told as
 * lost. Other targets are not touched. So a difference belongs to the target whose events it may
 * cost; a target that can't be looked at now is left out.
 *
 * @param expected how many kernel objects there should be, for all targets
 * @param found how many there are
 * @param differences by the target's id: a sentence each, of which the first {@link #MOST_TOLD} of
 *     a target are kept
 */
public record Inspection(int expected, int found, Map<String, List<String>> differences) {
  /** How many differences of one target are kept. */
  public static final int MOST_TOLD = 20;

  /** Of no target at all. */
  public static final Inspection NOTHING = new Inspection(0, 0, Map.of());

  public Inspection {
    Map<String, List<String>> kept = new LinkedHashMap<>();
    differences.forEach(
        (target, told) -> {
          if (!told.isEmpty()) {
            kept.put(target, List.copyOf(told.subList(0, Math.min(MOST_TOLD, told.size()))));
          }
        });
    differences = Collections.unmodifiableMap(kept);
  }

  /** Of one target. If only the numbers differ, that is told as a difference, too. */
  public static Inspection of(String target, int expected, int found, List<String> differences) {
    boolean countAlone = differences.isEmpty() && expected != found;
    return new Inspection(
        expected,
        found,
        Map.of(
            target, countAlone ? List.of(found + " kernel objects of " + expected) : differences));
  }

  /** This one's targets and those of another. */
  public Inspection and(Inspection more) {
    Map<String, List<String>> all = new LinkedHashMap<>(differences);
    more.differences.forEach(
        (target, told) ->
            all.merge(
                target,
                told,
                (one, other) -> {
                  List<String> both = new ArrayList<>(one);
                  both.addAll(other);
                  return both;
                }));
    return new Inspection(expected + more.expected, found + more.found, all);
  }

  public boolean matches() {
    return expected == found && differences.isEmpty();
  }
}

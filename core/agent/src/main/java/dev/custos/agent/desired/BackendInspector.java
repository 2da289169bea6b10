package dev.custos.agent.desired;

import dev.custos.spi.Backend;
import dev.custos.spi.Inspection;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares one backend with the kernel, and puts right what differs: a target whose watches or
 * marks are not what the backend believes lets go of all of them and gets its plan anew. No other
 * target notices. What that does not put right is not tried again before it changes; the gap that
 * each try costs would be for nothing.
 *
 * <p>Calls must not overlap; {@link #differences} alone may come from any thread.
 */
final class BackendInspector {
  /** What a backend says differs, without saying of which target: counted, but nobody's to mend. */
  private static final String NO_TARGET = "";

  /** A look at a backend that is open. */
  interface Subject {
    /** The backend's life that is looked at, and what looks; empty while none is open. */
    Optional<Life> life();

    /**
     * In that life, every target but these was found to be as it should.
     *
     * @param at before which the comparison did not begin
     */
    void compared(long generation, Instant at, Set<String> differing);

    /** Gives a target its plan anew, unless that life is over. */
    void renew(long generation, String target, String reason);
  }

  /** One life of a backend. */
  record Life(long generation, Backend<?> backend) {}

  private final String name;
  private final Subject subject;
  private final Clock clock;
  private final AtomicLong differing = new AtomicLong();
  private Map<String, List<String>> suspected = Map.of();
  private final Map<String, List<String>> unmended = new HashMap<>();

  BackendInspector(String name, Subject subject, Clock clock) {
    this.name = name;
    this.subject = subject;
    this.clock = clock;
  }

  String name() {
    return name;
  }

  /** How many comparisons found a difference for certain. */
  long differences() {
    return differing.get();
  }

  /**
   * Compares; waits for the backend. A target's difference counts when the next look finds the very
   * same: what changes while it is looked at differs for a moment.
   *
   * @param sure whether this is that next look
   * @return what is there, and empty while no backend is open
   */
  Optional<Inspection> inspect(boolean sure) {
    Optional<Life> life = subject.life();
    if (life.isEmpty()) {
      suspected = Map.of();
      return Optional.empty();
    }
    Instant begun = clock.instant();
    Inspection inspection;
    try {
      inspection = life.get().backend().inspect();
    } catch (RuntimeException e) {
      // Closed under our eyes, most likely. If it is dead, its next apply says so.
      suspected = Map.of();
      return Optional.empty();
    }
    Map<String, List<String>> found = byTarget(inspection);
    unmended.keySet().retainAll(found.keySet());
    if (sure) {
      Map<String, List<String>> certain = new LinkedHashMap<>(found);
      certain.entrySet().retainAll(suspected.entrySet());
      confirmed(life.get().generation(), certain);
    }
    suspected = sure ? Map.of() : found;
    subject.compared(life.get().generation(), begun, found.keySet());
    return Optional.of(inspection);
  }

  private void confirmed(long generation, Map<String, List<String>> certain) {
    if (!certain.isEmpty()) {
      differing.incrementAndGet();
    }
    certain.forEach(
        (target, told) -> {
          boolean isNew = !told.equals(unmended.put(target, told));
          if (isNew && !target.equals(NO_TARGET)) {
            String reason = name + " had other kernel objects than it should: " + told.get(0);
            subject.renew(generation, target, reason);
          }
        });
  }

  private static Map<String, List<String>> byTarget(Inspection inspection) {
    return inspection.matches() || !inspection.differences().isEmpty()
        ? inspection.differences()
        : Map.of(
            NO_TARGET, List.of(inspection.found() + " kernel objects of " + inspection.expected()));
  }

  /** Whether the last look found something that the next may confirm. */
  boolean isSuspicious() {
    return !suspected.isEmpty();
  }
}

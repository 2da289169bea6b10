package dev.custos.agent.desired;

import dev.custos.spi.Backend;
import dev.custos.spi.Inspection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares one backend with the kernel, and puts right what differs: the backend is opened anew,
 * with every plan, because it believes in watches or marks that are not there. What that does not
 * put right is not tried again before it changes; the gap that each try costs would be for nothing.
 *
 * <p>Calls must not overlap; {@link #differences} alone may come from any thread.
 */
final class BackendInspector {
  /** A look at a backend that is open. */
  interface Subject {
    /** The backend's life that is looked at, and what looks; empty while none is open. */
    Optional<Life> life();

    /** Ends that life, unless it is over already, and begins the next. */
    void renew(long generation, String reason);
  }

  /** One life of a backend. */
  record Life(long generation, Backend<?> backend) {}

  private final String name;
  private final Subject subject;
  private final AtomicLong differing = new AtomicLong();
  private Inspection suspected;
  private Inspection unmended;

  BackendInspector(String name, Subject subject) {
    this.name = name;
    this.subject = subject;
  }

  String name() {
    return name;
  }

  /** How many comparisons found a difference for certain. */
  long differences() {
    return differing.get();
  }

  /**
   * Compares; waits for the backend. A difference counts when the next look finds the very same:
   * what changes while it is looked at differs for a moment.
   *
   * @param sure whether this is that next look
   * @return what is there, and empty while no backend is open
   */
  Optional<Inspection> inspect(boolean sure) {
    Optional<Life> life = subject.life();
    if (life.isEmpty()) {
      suspected = null;
      return Optional.empty();
    }
    Inspection inspection;
    try {
      inspection = life.get().backend().inspect();
    } catch (RuntimeException e) {
      // Closed under our eyes, most likely. If it is dead, its next apply says so.
      suspected = null;
      return Optional.empty();
    }
    if (inspection.matches()) {
      suspected = null;
      unmended = null;
    } else if (sure && inspection.equals(suspected)) {
      differing.incrementAndGet();
      if (!inspection.equals(unmended)) {
        unmended = inspection;
        subject.renew(
            life.get().generation(),
            name + " has other kernel objects than it should: " + first(inspection));
      }
    } else {
      suspected = inspection;
    }
    return Optional.of(inspection);
  }

  /** Whether the last look found something that the next may confirm. */
  boolean isSuspicious() {
    return suspected != null;
  }

  private static String first(Inspection inspection) {
    return inspection.differences().isEmpty()
        ? inspection.found() + " of " + inspection.expected()
        : inspection.differences().get(0);
  }
}

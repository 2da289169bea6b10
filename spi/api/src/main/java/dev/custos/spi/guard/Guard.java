package dev.custos.spi.guard;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The rules of one subject. Deny wins over allow for the same object, within and across guards;
 * what is on neither list is not asked about. A directory covers itself and its direct children.
 *
 * @param allow absolute paths, as the target sees them
 * @param deny absolute paths, as the target sees them
 * @param kinds what to decide about
 * @param recursive whether directories cover their whole tree, also as it changes
 * @param maxDepth how many levels below a path a recursive guard goes; 0 means without limit
 * @param ignore as in {@link dev.custos.spi.watch.Watch}
 * @param onlyDir leave out paths that are no directories
 * @param wholeMount cover the whole mount that a path lies on
 * @param autoAllowOwner allow what the guarded container's own process or its children ask for
 * @param audit have the kernel write each answer to its audit log
 * @param mode whether verdicts are enforced
 * @param report what becomes an event
 * @param processes narrows the guard by who asks
 * @param leftOut events that were asked for and that no permission event stands behind, as written:
 *     a backend does nothing about them but to say so in the row of each path
 */
public record Guard(
    Subject subject,
    List<FilePath> allow,
    List<FilePath> deny,
    Set<PermissionKind> kinds,
    boolean recursive,
    int maxDepth,
    List<String> ignore,
    boolean onlyDir,
    boolean wholeMount,
    boolean autoAllowOwner,
    boolean audit,
    Mode mode,
    Report report,
    Processes processes,
    List<String> leftOut) {
  /** Whether a denial is carried out. */
  public enum Mode {
    ENFORCE,
    /** Allows everything and reports what would have been denied. */
    OBSERVE
  }

  /** Which answers become events. */
  public enum Report {
    ALL,
    DENIED
  }

  /**
   * Who a guard is about. An empty set means everyone; where both say something, a process has to
   * be in both.
   *
   * @param executables paths in the target, compared by file and not by name
   * @param uids as the target's user namespace numbers them; a process has the one it was started
   *     by (its real one) and the one that its access to files is judged by
   */
  public record Processes(Set<FilePath> executables, Set<Integer> uids) {
    public static final Processes EVERYONE = new Processes(Set.of(), Set.of());

    public Processes {
      executables = Set.copyOf(executables);
      uids = Set.copyOf(uids);
    }
  }

  public Guard {
    Objects.requireNonNull(subject, "subject");
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
    kinds = Set.copyOf(kinds);
    ignore = List.copyOf(ignore);
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(report, "report");
    Objects.requireNonNull(processes, "processes");
    leftOut = List.copyOf(leftOut);
    if (maxDepth < 0) {
      throw new IllegalArgumentException("maxDepth is negative: " + maxDepth);
    }
  }
}

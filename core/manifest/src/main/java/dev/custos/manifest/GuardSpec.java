package dev.custos.manifest;

import java.util.List;
import java.util.Map;

/**
 * The spec of a {@code JanusGuard}, as written. What is absent is null or empty here; defaults are
 * filled in when a snapshot is built.
 *
 * @param logFormat a line template, or null for the kind's default
 * @param mode {@code Enforce} or {@code Observe}; null means {@code Enforce}
 * @param report {@code All} or {@code Denied}; null means {@code All}
 */
public record GuardSpec(
    LabelSelector selector, String logFormat, String mode, String report, List<Subject> subjects) {
  /**
   * Paths that are guarded alike.
   *
   * @param allow absolute paths as the container sees them
   * @param deny absolute paths as the container sees them; deny wins
   * @param events {@code open}, {@code access}, {@code all}, {@code execute}
   * @param processes narrows the guard by who asks; null means everyone
   */
  public record Subject(
      List<String> allow,
      List<String> deny,
      List<String> events,
      boolean onlyDir,
      boolean autoAllowOwner,
      boolean audit,
      boolean wholeMount,
      boolean recursive,
      int maxDepth,
      List<String> ignore,
      Processes processes,
      Map<String, String> tags) {
    public Subject {
      allow = allow == null ? List.of() : List.copyOf(allow);
      deny = deny == null ? List.of() : List.copyOf(deny);
      events = events == null ? List.of() : List.copyOf(events);
      ignore = ignore == null ? List.of() : List.copyOf(ignore);
      tags = tags == null ? Map.of() : Map.copyOf(tags);
    }
  }

  /** Who a subject is about; an empty list means everyone. */
  public record Processes(List<String> executables, List<Integer> uids) {
    public Processes {
      executables = executables == null ? List.of() : List.copyOf(executables);
      uids = uids == null ? List.of() : List.copyOf(uids);
    }
  }

  public GuardSpec {
    selector = selector == null ? LabelSelector.EVERYTHING : selector;
    subjects = subjects == null ? List.of() : List.copyOf(subjects);
  }
}

package dev.custos.manifest;

import java.util.List;
import java.util.Map;

/**
 * The spec of an {@code ArgusWatcher} or {@code FimWatcher}, as written. What is absent is null or
 * empty here; defaults are filled in when a snapshot is built.
 *
 * @param logFormat a line template, or null for the kind's default
 */
public record WatcherSpec(LabelSelector selector, String logFormat, List<Subject> subjects) {
  /**
   * Paths that are watched alike.
   *
   * @param paths absolute paths as the container sees them
   * @param events names from {@link WatchEvents}
   * @param ignore names and patterns of what is left out
   * @param maxDepth how many levels below a path; 0 means without limit
   * @param tags what to print on every event
   */
  public record Subject(
      List<String> paths,
      List<String> events,
      List<String> ignore,
      boolean onlyDir,
      boolean recursive,
      int maxDepth,
      boolean followMove,
      Map<String, String> tags) {
    public Subject {
      paths = paths == null ? List.of() : List.copyOf(paths);
      events = events == null ? List.of() : List.copyOf(events);
      ignore = ignore == null ? List.of() : List.copyOf(ignore);
      tags = tags == null ? Map.of() : Map.copyOf(tags);
    }
  }

  public WatcherSpec {
    selector = selector == null ? LabelSelector.EVERYTHING : selector;
    subjects = subjects == null ? List.of() : List.copyOf(subjects);
  }
}

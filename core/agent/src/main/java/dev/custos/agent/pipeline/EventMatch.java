package dev.custos.agent.pipeline;

import dev.custos.manifest.GuardEvents;
import dev.custos.manifest.WatchEvents;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ScanCompleted;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which events a sink gets. Each part narrows the choice; an empty one does not.
 *
 * <p>An {@link EventsLost} always passes: nobody is to miss that something is missing. So a sink
 * with {@code kinds = [lost]} gets these alone.
 *
 * @param kinds the kinds of events, any of which will do
 * @param tags tags that the event's subject has, with these values, all of them
 * @param labels labels that the event's pod has, with these values, all of them
 * @param events words of {@link #words()}, any of which will do
 */
public record EventMatch(
    Set<Kind> kinds, Map<String, String> tags, Map<String, String> labels, Set<String> events) {
  /** Everything. */
  public static final EventMatch ALL = new EventMatch(Set.of(), Map.of(), Map.of(), Set.of());

  private static final String EVERY = "all";

  /** What a configuration calls the families of events. */
  public enum Kind {
    /** {@link FileChanged}. */
    WATCH,
    /** {@link AccessDecided}. */
    GUARD,
    /** {@link ScanCompleted}, and {@link Finding} by scanners of any kind. */
    SCAN,
    /** {@link EventsLost}. */
    LOST
  }

  public EventMatch {
    kinds = Set.copyOf(kinds);
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    events = Set.copyOf(events);
    for (String word : events) {
      if (!words().contains(word)) {
        throw new IllegalArgumentException(word + " is not an event");
      }
    }
  }

  /**
   * Every word that {@code events} may hold, in a stable order: those of a watcher and a guard
   * ({@code open} and {@code access} stand for both), a guard's answers, and a scan's outcomes.
   */
  public static Set<String> words() {
    Set<String> words = new LinkedHashSet<>(WatchEvents.words());
    words.addAll(GuardEvents.words());
    for (AccessDecided.Response response : AccessDecided.Response.values()) {
      words.add(word(response));
    }
    words.add("finding");
    for (ScanCompleted.Outcome outcome : ScanCompleted.Outcome.values()) {
      words.add(word(outcome));
    }
    words.add("lost");
    return words;
  }

  /** Whether any event may be left out. */
  public boolean isAll() {
    return kinds.isEmpty()
        && tags.isEmpty()
        && labels.isEmpty()
        && (events.isEmpty() || events.contains(EVERY));
  }

  /** A fast form of this. */
  Filter filter() {
    return new Filter(this);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  /** Decides without allocating. Thread-safe, for it changes nothing. */
  static final class Filter {
    private final EnumSet<Kind> kinds;
    private final Map<String, String> tags;
    private final Map<String, String> labels;
    private final boolean everyEvent;
    private final EnumSet<ChangeKind> changes = EnumSet.noneOf(ChangeKind.class);
    private final EnumSet<PermissionKind> permissions = EnumSet.noneOf(PermissionKind.class);
    private final EnumSet<AccessDecided.Response> responses =
        EnumSet.noneOf(AccessDecided.Response.class);
    private final EnumSet<ScanCompleted.Outcome> outcomes =
        EnumSet.noneOf(ScanCompleted.Outcome.class);
    private final boolean findings;

    private Filter(EventMatch match) {
      kinds = match.kinds.isEmpty() ? EnumSet.allOf(Kind.class) : EnumSet.copyOf(match.kinds);
      tags = match.tags;
      labels = match.labels;
      everyEvent = match.events.isEmpty() || match.events.contains(EVERY);
      findings = match.events.contains("finding");
      for (String word : match.events) {
        for (WatchEvents.Change change : WatchEvents.changes(word)) {
          changes.add(ChangeKind.valueOf(change.name()));
        }
        for (AccessDecided.Response response : AccessDecided.Response.values()) {
          if (word(response).equals(word)) {
            responses.add(response);
          }
        }
        for (ScanCompleted.Outcome outcome : ScanCompleted.Outcome.values()) {
          if (word(outcome).equals(word)) {
            outcomes.add(outcome);
          }
        }
      }
      addPermission(match, GuardEvents.OPEN, PermissionKind.OPEN_PERM);
      addPermission(match, GuardEvents.ACCESS, PermissionKind.ACCESS_PERM);
      addPermission(match, GuardEvents.EXECUTE, PermissionKind.OPEN_EXEC_PERM);
    }

    private void addPermission(EventMatch match, String word, PermissionKind permission) {
      if (match.events.contains(word)) {
        permissions.add(permission);
      }
    }

    boolean passes(IntegrityEvent event) {
      if (event instanceof EventsLost) {
        return true;
      }
      return passesKindAndName(event)
          && hasAll(event.subject().tags(), tags)
          && hasAll(event.origin().labels(), labels);
    }

    private boolean passesKindAndName(IntegrityEvent event) {
      if (event instanceof FileChanged changed) {
        return kinds.contains(Kind.WATCH) && (everyEvent || changes.contains(changed.kind()));
      }
      if (event instanceof AccessDecided decided) {
        return kinds.contains(Kind.GUARD)
            && (everyEvent
                || permissions.contains(decided.kind())
                || responses.contains(decided.response()));
      }
      if (event instanceof ScanCompleted scan) {
        return kinds.contains(Kind.SCAN) && (everyEvent || outcomes.contains(scan.outcome()));
      }
      // A finding, or something of a later version, which a filter must not swallow by accident.
      return !(event instanceof Finding) || (kinds.contains(Kind.SCAN) && (everyEvent || findings));
    }

    private static boolean hasAll(Map<String, String> has, Map<String, String> wanted) {
      if (wanted.isEmpty()) {
        return true;
      }
      for (Map.Entry<String, String> one : wanted.entrySet()) {
        if (!one.getValue().equals(has.get(one.getKey()))) {
          return false;
        }
      }
      return true;
    }
  }
}

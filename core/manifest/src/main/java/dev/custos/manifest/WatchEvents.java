package dev.custos.manifest;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The words that {@code events} of a watcher may hold, and the changes that each stands for. */
public final class WatchEvents {
  /** A change as inotify(7) knows it; the constant's name is the one that is printed. */
  public enum Change {
    ACCESS,
    ATTRIB,
    CLOSE_WRITE,
    CLOSE_NOWRITE,
    CREATE,
    DELETE,
    DELETE_SELF,
    MODIFY,
    MOVE_SELF,
    MOVED_FROM,
    MOVED_TO,
    OPEN
  }

  private static final Map<String, Set<Change>> BY_WORD = byWord();

  private WatchEvents() {}

  private static Map<String, Set<Change>> byWord() {
    Map<String, Set<Change>> words = new LinkedHashMap<>();
    for (Change change : Change.values()) {
      words.put(change.name().toLowerCase(Locale.ROOT).replace("_", ""), EnumSet.of(change));
    }
    words.put("close", EnumSet.of(Change.CLOSE_WRITE, Change.CLOSE_NOWRITE));
    words.put("move", EnumSet.of(Change.MOVE_SELF, Change.MOVED_FROM, Change.MOVED_TO));
    words.put("all", EnumSet.allOf(Change.class));
    return Collections.unmodifiableMap(words);
  }

  /** Every word, in a stable order. */
  public static Set<String> words() {
    return BY_WORD.keySet();
  }

  /** What a word stands for; empty if it is none. */
  public static Set<Change> changes(String word) {
    return Collections.unmodifiableSet(BY_WORD.getOrDefault(word, EnumSet.noneOf(Change.class)));
  }
}

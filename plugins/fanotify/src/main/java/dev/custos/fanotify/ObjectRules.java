package dev.custos.fanotify;

import dev.custos.spi.event.PermissionKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The rules of one object that is marked: of a file about itself, of a directory also about its
 * direct children. Immutable.
 */
final class ObjectRules {
  private final ObjectId id;
  private final boolean directory;
  private final Map<PermissionKind, Ruling> byKind;

  ObjectRules(ObjectId id, boolean directory, List<Rule> rules) {
    this.id = id;
    this.directory = directory;
    this.byKind = rulings(rules);
  }

  private static Map<PermissionKind, Ruling> rulings(List<Rule> rules) {
    Map<PermissionKind, List<Rule>> sorted = new EnumMap<>(PermissionKind.class);
    for (Rule rule : rules) {
      for (PermissionKind kind : rule.guard().kinds()) {
        sorted.computeIfAbsent(kind, k -> new ArrayList<>()).add(rule);
      }
    }
    Map<PermissionKind, Ruling> rulings = new EnumMap<>(PermissionKind.class);
    sorted.forEach((kind, some) -> rulings.put(kind, new Ruling(some)));
    return rulings;
  }

  ObjectId id() {
    return id;
  }

  boolean isDirectory() {
    return directory;
  }

  /** The rules about one kind of access, or null if nobody asked about it. */
  Ruling ruling(PermissionKind kind) {
    return byKind.get(kind);
  }

  /** The strictest of all rules of the objects, for each kind that there is one about. */
  static Map<PermissionKind, Ruling> strictest(List<ObjectRules> all) {
    Map<PermissionKind, Rule> strictest = new EnumMap<>(PermissionKind.class);
    for (ObjectRules object : all) {
      object.byKind.forEach(
          (kind, ruling) ->
              ruling.rules().forEach(r -> strictest.merge(kind, r, ObjectRules::stricter)));
    }
    Map<PermissionKind, Ruling> rulings = new EnumMap<>(PermissionKind.class);
    strictest.forEach((kind, rule) -> rulings.put(kind, new Ruling(List.of(rule))));
    return rulings;
  }

  private static Rule stricter(Rule one, Rule other) {
    return strictness(other) > strictness(one) ? other : one;
  }

  private static int strictness(Rule rule) {
    if (rule.denies(Asker.OWNER)) {
      return 3;
    }
    if (rule.denies(Asker.OTHER)) {
      return 2;
    }
    return rule.wouldDeny(Asker.OTHER) ? 1 : 0;
  }
}

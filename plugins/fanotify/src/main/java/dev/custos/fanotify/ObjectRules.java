package dev.custos.fanotify;

import dev.custos.fanotify.RuleTable.Probe;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Report;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of one object that is marked: about itself, and of a directory about its children. */
final class ObjectRules {
  private final ObjectId id;
  private final Rulings itself;
  private final ChildRules children;

  ObjectRules(ObjectId id, List<Rule> itself, List<Cover> covers, Map<FilePath, List<Rule>> named) {
    this.id = id;
    this.itself = Rulings.of(itself);
    this.children = ChildRules.of(covers, named);
  }

  /** Of an object that is let go of. */
  static ObjectRules none(ObjectId id) {
    return new ObjectRules(id, List.of(), List.of(), Map.of());
  }

  ObjectId id() {
    return id;
  }

  /** The rules about one kind of access to the object itself, or null if nobody asked about it. */
  Ruling ruling(PermissionKind kind) {
    return itself.get(kind);
  }

  /** The rules about one kind of access to a child of this name, or null if there is none. */
  Ruling childRuling(PermissionKind kind, byte[] bytes, int offset, int length, Probe probe) {
    return children.isEmpty() ? null : children.ruling(kind, bytes, offset, length, probe);
  }

  /**
   * Of all rules of the objects and of whole file systems the strictest, for each kind that there
   * is one about: the strictest first, and after it those that hold for whom the ones before it are
   * not about.
   */
  static Map<PermissionKind, List<Ruling>> strictest(
      Iterable<ObjectRules> objects, Iterable<List<Rule>> wholes) {
    Map<PermissionKind, Map<Long, Rule>> strictest = new EnumMap<>(PermissionKind.class);
    for (ObjectRules object : objects) {
      merge(object.itself.rules(), strictest);
      merge(object.children.rules(), strictest);
    }
    wholes.forEach(rules -> merge(rules, strictest));
    Map<PermissionKind, List<Ruling>> rulings = new EnumMap<>(PermissionKind.class);
    strictest.forEach((kind, rules) -> rulings.put(kind, sorted(rules.values())));
    return rulings;
  }

  /** The kinds that any of the rules denies something of, or has recorded or audited. */
  static Set<PermissionKind> mattering(Iterable<ObjectRules> objects, Iterable<List<Rule>> wholes) {
    Set<PermissionKind> kinds = EnumSet.noneOf(PermissionKind.class);
    for (ObjectRules object : objects) {
      addMattering(object.itself.rules(), kinds);
      addMattering(object.children.rules(), kinds);
    }
    wholes.forEach(rules -> addMattering(rules, kinds));
    return kinds;
  }

  private static void addMattering(List<Rule> rules, Set<PermissionKind> kinds) {
    for (Rule rule : rules) {
      Guard guard = rule.guard();
      if (rule.deny() || guard.report() == Report.ALL || guard.audit()) {
        kinds.addAll(guard.kinds());
      }
    }
  }

  private static List<Ruling> sorted(Collection<Rule> rules) {
    return rules.stream()
        .sorted(Comparator.comparingInt(ObjectRules::strictness).reversed())
        .map(rule -> new Ruling(List.of(rule)))
        .toList();
  }

  private static void merge(List<Rule> rules, Map<PermissionKind, Map<Long, Rule>> strictest) {
    for (Rule rule : rules) {
      for (PermissionKind kind : rule.guard().kinds()) {
        strictest
            .computeIfAbsent(kind, k -> new LinkedHashMap<>())
            .merge(rule.narrowingBit(), rule, ObjectRules::stricter);
      }
    }
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

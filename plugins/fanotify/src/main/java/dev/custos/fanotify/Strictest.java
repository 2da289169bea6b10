package dev.custos.fanotify;

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
import java.util.function.Consumer;

/**
 * Gathers, from all rules of a table, what holds where it can't be told which of them does, and
 * what they are about at all. Built up by one thread.
 */
final class Strictest implements Consumer<Rule> {
  private final Map<PermissionKind, Map<Long, Rule>> strictest =
      new EnumMap<>(PermissionKind.class);
  private final Set<PermissionKind> mattering = EnumSet.noneOf(PermissionKind.class);
  private Rule last;

  @Override
  public void accept(Rule rule) {
    if (last != null && saysTheSame(rule, last)) {
      return;
    }
    last = rule;
    Guard guard = rule.guard();
    if (rule.deny() || guard.report() == Report.ALL || guard.audit()) {
      mattering.addAll(guard.kinds());
    }
    for (PermissionKind kind : guard.kinds()) {
      strictest
          .computeIfAbsent(kind, k -> new LinkedHashMap<>())
          .merge(rule.narrowingBit(), rule, Strictest::stricter);
    }
  }

  // Of a guard's many paths, one is as strict as the other. By identity: comparing guards by value
  // would compare all of their paths.
  @SuppressWarnings("ReferenceEquality")
  private static boolean saysTheSame(Rule one, Rule other) {
    return one.guard() == other.guard()
        && one.deny() == other.deny()
        && one.narrowing() == other.narrowing();
  }

  /**
   * The strictest rules, for each kind that there is one about: the strictest first, and after it
   * those that hold for whom the ones before it are not about.
   */
  Map<PermissionKind, List<Ruling>> rulings() {
    Map<PermissionKind, List<Ruling>> rulings = new EnumMap<>(PermissionKind.class);
    strictest.forEach((kind, rules) -> rulings.put(kind, sorted(rules.values())));
    return rulings;
  }

  /** The kinds that any of the rules denies something of, or has recorded or audited. */
  Set<PermissionKind> mattering() {
    return mattering;
  }

  private static List<Ruling> sorted(Collection<Rule> rules) {
    return rules.stream()
        .sorted(Comparator.comparingInt(Strictest::strictness).reversed())
        .map(rule -> new Ruling(List.of(rule)))
        .toList();
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

package dev.custos.fanotify;

import dev.custos.spi.event.PermissionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The rulings that some rules are, each about the kinds of its guard. A plan may name very many
 * objects, each of which has one: so kinds that the same rules are about share their ruling, and
 * there is no map. Immutable.
 */
final class Rulings {
  private static final Rulings NONE = new Rulings(List.of());

  // Null where no rule is about the kind.
  private final Ruling open;
  private final Ruling access;
  private final Ruling execute;

  private Rulings(List<Rule> rules) {
    open = ruling(about(PermissionKind.OPEN_PERM, rules), null, null);
    access = ruling(about(PermissionKind.ACCESS_PERM, rules), open, null);
    execute = ruling(about(PermissionKind.OPEN_EXEC_PERM, rules), open, access);
  }

  static Rulings of(List<Rule> rules) {
    return rules.isEmpty() ? NONE : new Rulings(rules);
  }

  private static List<Rule> about(PermissionKind kind, List<Rule> rules) {
    if (rules.size() == 1) {
      return rules.get(0).guard().kinds().contains(kind) ? rules : List.of();
    }
    List<Rule> some = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.guard().kinds().contains(kind)) {
        some.add(rule);
      }
    }
    return some;
  }

  /** Null without rules; one of two others, if it is of these very rules. */
  private static Ruling ruling(List<Rule> rules, Ruling one, Ruling other) {
    if (rules.isEmpty()) {
      return null;
    }
    if (one != null && areSame(one.rules(), rules)) {
      return one;
    }
    return other != null && areSame(other.rules(), rules) ? other : new Ruling(rules);
  }

  // By identity: comparing rules by value would compare all of their guards' paths.
  @SuppressWarnings("ReferenceEquality")
  private static boolean areSame(List<Rule> some, List<Rule> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** The ruling about one kind of access, or null if there is none. */
  Ruling get(PermissionKind kind) {
    return switch (kind) {
      case OPEN_PERM -> open;
      case ACCESS_PERM -> access;
      case OPEN_EXEC_PERM -> execute;
    };
  }

  /** Passes on every rule that is about anything, some of them more than once. */
  void each(Consumer<Rule> to) {
    each(open, to);
    each(access, to);
    each(execute, to);
  }

  private static void each(Ruling ruling, Consumer<Rule> to) {
    if (ruling != null) {
      ruling.rules().forEach(to);
    }
  }
}

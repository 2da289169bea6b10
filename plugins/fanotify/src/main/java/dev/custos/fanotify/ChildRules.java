package dev.custos.fanotify;

import dev.custos.fanotify.RuleTable.Probe;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The rules about a directory's direct children: those about all of them, less what a guard
 * ignores, and those about one name. Which of them hold together for a name is put together when it
 * is first asked about, by whichever reader that is. Thread-safe.
 */
final class ChildRules {
  // As many guards that ignore something as one directory can have told apart.
  private static final int IGNORING = 31;
  private static final long EVERY = -1;

  // That of every object that is no directory.
  private static final ChildRules NONE = new ChildRules(List.of(), Map.of());

  private final List<Cover> covers;
  private final boolean ignores;
  private final List<List<Rule>> named = new ArrayList<>();
  private final Map<Object, Integer> names = new HashMap<>();
  private final Rulings plain;
  private final Map<Long, Rulings> others = new ConcurrentHashMap<>();

  static ChildRules of(List<Cover> covers, Map<FilePath, List<Rule>> named) {
    return covers.isEmpty() && named.isEmpty() ? NONE : new ChildRules(covers, named);
  }

  private ChildRules(List<Cover> covers, Map<FilePath, List<Rule>> named) {
    this.covers = List.copyOf(covers);
    this.ignores = covers.stream().anyMatch(cover -> !cover.ignore().isEmpty());
    named.forEach(
        (name, rules) -> {
          names.put(new Probe().path(name.toByteArray(), 0, name.length()), this.named.size());
          this.named.add(List.copyOf(rules));
        });
    this.plain = Rulings.of(covers.stream().map(Cover::rule).toList());
  }

  boolean isEmpty() {
    return covers.isEmpty() && named.isEmpty();
  }

  /** Passes on every rule, for whatever child. */
  void each(Consumer<Rule> to) {
    covers.forEach(cover -> to.accept(cover.rule()));
    named.forEach(rules -> rules.forEach(to));
  }

  /** The rules about one kind of access to a child, or null if there is none. */
  Ruling ruling(PermissionKind kind, byte[] bytes, int offset, int length, Probe probe) {
    Integer name = named.isEmpty() ? null : names.get(probe.path(bytes, offset, length));
    long which = ignores ? notIgnoring(bytes, offset, length) : EVERY;
    if (which == EVERY && name == null) {
      return plain.get(kind);
    }
    Long key = (which & 0xffffffffL) | (name == null ? 0L : name + 1L) << 32;
    Rulings some = others.get(key);
    if (some == null) {
      some = together(which, name);
      others.put(key, some);
    }
    return some.get(kind);
  }

  private long notIgnoring(byte[] bytes, int offset, int length) {
    long which = EVERY;
    for (int i = 0; i < covers.size() && i < IGNORING; i++) {
      if (covers.get(i).ignores(bytes, offset, length)) {
        which &= ~(1L << i);
      }
    }
    return which;
  }

  private Rulings together(long which, Integer name) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < covers.size(); i++) {
      if (i >= IGNORING || (which & 1L << i) != 0) {
        rules.add(covers.get(i).rule());
      }
    }
    if (name != null) {
      rules.addAll(named.get(name));
    }
    return Rulings.of(rules);
  }
}

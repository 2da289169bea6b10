package dev.custos.fanotify;

import dev.custos.fanotify.RuleTable.Entry;
import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An object that some rules are about, and where it was found. Built up by one thread. */
final class Found {
  final ObjectId id;
  final boolean directory;

  /** Where it is in its target, without symbolic links. */
  final FilePath where;

  private final List<Rule> itself = new ArrayList<>(1);
  // Made when first needed: most objects are files, of which a plan may name very many.
  private List<Cover> covers = List.of();
  private Map<FilePath, List<Rule>> named = Map.of();

  Found(ObjectId id, boolean directory, FilePath where) {
    this.id = id;
    this.directory = directory;
    this.where = where;
  }

  void add(Hold hold) {
    switch (hold.role()) {
      case ITSELF -> add(hold.rule());
      case CHILDREN -> cover(hold.cover());
      case NAME -> name(hold.name(), hold.rule());
      default -> throw new IllegalArgumentException("unknown role " + hold.role());
    }
  }

  private void cover(Cover cover) {
    if (covers.isEmpty()) {
      covers = new ArrayList<>(1);
    }
    covers.add(cover);
  }

  private void name(FilePath name, Rule rule) {
    if (named.isEmpty()) {
      named = new LinkedHashMap<>();
    }
    List<Rule> rules = named.putIfAbsent(name, List.of(rule));
    if (rules != null) {
      named.put(name, Stream.concat(rules.stream(), Stream.of(rule)).toList());
    }
  }

  void add(Rule rule) {
    // More than one path of a guard may lead here by the same rule, as a tree in a tree does.
    if (!itself.contains(rule)) {
      itself.add(rule);
    }
  }

  /** The events of a mark that has the kernel ask about all that the rules are about. */
  long mask() {
    long mask = 0;
    for (Rule rule : itself) {
      mask |= Fanotify.mask(rule.guard().kinds());
    }
    if (directory && (!itself.isEmpty() || !covers.isEmpty())) {
      mask |= Fanotify.ONDIR;
    }
    if (!covers.isEmpty() || !named.isEmpty()) {
      mask |= Fanotify.EVENT_ON_CHILD;
    }
    for (Cover cover : covers) {
      mask |= Fanotify.mask(cover.rule().guard().kinds());
    }
    for (List<Rule> rules : named.values()) {
      for (Rule rule : rules) {
        mask |= Fanotify.mask(rule.guard().kinds());
      }
    }
    return mask;
  }

  Entry entry() {
    return new Entry(new ObjectRules(id, itself, covers, named), directory ? where : null);
  }

  /** As if there were no rule: for an object that is let go of. */
  Entry released() {
    return new Entry(ObjectRules.none(id), directory ? where : null);
  }
}

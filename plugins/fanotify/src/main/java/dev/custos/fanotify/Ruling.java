package dev.custos.fanotify;

import dev.custos.spi.event.AccessDecided.Response;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All rules about one kind of access to one object. What the reader asks is computed beforehand;
 * what only a record needs, by the publisher, who keeps it. Otherwise immutable.
 */
final class Ruling {
  private final List<Rule> rules;
  private final long narrowings;
  private final boolean deniesOwner;
  private final boolean deniesOther;
  private final boolean wouldDenyOther;
  private final boolean audited;
  private final boolean recorded;
  private final boolean dependsOnOwner;
  // By asker, once there is one; the publisher's alone.
  private Map<Asker, List<Note>> notes;

  Ruling(List<Rule> rules) {
    this.rules = List.copyOf(rules);
    long bits = 0;
    boolean owner = false;
    boolean other = false;
    boolean observed = false;
    boolean audits = false;
    boolean records = false;
    boolean depends = false;
    // There is one for each object of a plan: no streams.
    for (int i = 0; i < this.rules.size(); i++) {
      Rule rule = this.rules.get(i);
      bits |= rule.narrowingBit();
      owner |= rule.denies(Asker.OWNER);
      other |= rule.denies(Asker.OTHER);
      observed |= rule.wouldDeny(Asker.OTHER);
      audits |= rule.guard().audit();
      records |= recordsAllowed(rule);
      depends |= rule.deny() && rule.guard().autoAllowOwner();
    }
    this.narrowings = bits;
    this.deniesOwner = owner;
    this.deniesOther = other;
    this.wouldDenyOther = observed;
    this.audited = audits;
    this.recorded = records;
    this.dependsOnOwner = depends;
  }

  private static boolean recordsAllowed(Rule rule) {
    return rule.guard().report() == Report.ALL || rule.wouldDeny(Asker.OTHER);
  }

  List<Rule> rules() {
    return rules;
  }

  /** The bits of the narrowings that it depends on; 0 if it concerns everyone. */
  long narrowings() {
    return narrowings;
  }

  /**
   * Whether any rule is about a process at all.
   *
   * @param matching the bits of the narrowings that the process is one of
   */
  boolean concerns(long matching) {
    if (narrowings == 0) {
      return true;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).concerns(matching)) {
        return true;
      }
    }
    return false;
  }

  boolean denies(Asker asker, long matching) {
    if (asker == Asker.PROTECTED) {
      return false;
    }
    if (narrowings == 0) {
      return asker == Asker.OWNER ? deniesOwner : deniesOther;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).concerns(matching) && rules.get(i).denies(asker)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a guard that only observes would have denied it to anyone but the exempt. */
  boolean wouldDeny(long matching) {
    if (narrowings == 0 || !wouldDenyOther) {
      return wouldDenyOther;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).concerns(matching) && rules.get(i).wouldDeny(Asker.OTHER)) {
        return true;
      }
    }
    return false;
  }

  /** Whether anyone at all is denied. */
  boolean deniesSomebody() {
    return deniesOther;
  }

  /** Whether it matters if it is the owner who asks. */
  boolean dependsOnOwner() {
    return dependsOnOwner;
  }

  boolean isAudited(long matching) {
    if (narrowings == 0 || !audited) {
      return audited;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).concerns(matching) && rules.get(i).guard().audit()) {
        return true;
      }
    }
    return false;
  }

  /** Whether an answer that allows becomes a record, as each that denies does. */
  boolean recordsAllowed(long matching) {
    if (narrowings == 0 || !recorded) {
      return recorded;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).concerns(matching) && recordsAllowed(rules.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** What one subject is told of an answer. */
  record Note(Subject subject, Response response, String rule) {}

  /**
   * What each subject is told whose guard one of the rulings is of. For the publisher's thread.
   *
   * @param second of the object's directory, if the first is of the object itself; else null
   * @param matching the bits of the narrowings that the asker is one of
   */
  static List<Note> notes(Ruling first, Ruling second, Asker asker, long matching) {
    if (second == null && first.narrowings == 0) {
      if (first.notes == null) {
        first.notes = new EnumMap<>(Asker.class);
      }
      return first.notes.computeIfAbsent(asker, a -> notes(first.rules, a));
    }
    List<Rule> rules = new ArrayList<>(first.rules);
    if (second != null) {
      rules.addAll(second.rules);
    }
    rules.removeIf(rule -> !rule.concerns(matching));
    return notes(rules, asker);
  }

  private static List<Note> notes(List<Rule> rules, Asker asker) {
    Optional<Rule> deciding = rules.stream().filter(r -> r.denies(asker)).findFirst();
    // By identity: comparing guards by value would compare all of their paths.
    Set<Guard> told = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Note> notes = new ArrayList<>();
    for (Rule rule : rules) {
      Guard guard = rule.guard();
      if (!told.add(guard)) {
        continue;
      }
      Note note =
          deciding.isPresent()
              ? new Note(guard.subject(), Response.DENY, deciding.get().text())
              : allowed(guard, rules, asker);
      if (guard.report() == Report.ALL || note.response() != Response.ALLOW) {
        notes.add(note);
      }
    }
    return List.copyOf(notes);
  }

  // As above: it is the same guard, not an equal one.
  @SuppressWarnings("ReferenceEquality")
  private static Note allowed(Guard guard, List<Rule> rules, Asker asker) {
    List<Rule> own = rules.stream().filter(r -> r.guard() == guard).toList();
    for (Rule rule : own) {
      if (rule.wouldDeny(asker)) {
        return new Note(guard.subject(), Response.WOULD_DENY, rule.text());
      }
    }
    for (Rule rule : own) {
      // Nobody was denied, so a deny rule here is one that this asker is exempt from.
      if (rule.deny()) {
        String exempt = asker == Asker.PROTECTED ? "protected" : "owner";
        return new Note(guard.subject(), Response.ALLOW, exempt);
      }
    }
    return new Note(guard.subject(), Response.ALLOW, own.get(0).text());
  }
}

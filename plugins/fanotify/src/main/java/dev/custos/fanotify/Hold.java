package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;

/**
 * What one rule has to do with one object.
 *
 * @param where a path of the object in its target, without symbolic links
 * @param cover for {@link Role#CHILDREN}: the rule as it holds for them; else null
 * @param name for {@link Role#NAME}: which child; else empty
 */
record Hold(
    ObjectId id,
    boolean directory,
    FilePath where,
    Role role,
    Rule rule,
    Cover cover,
    FilePath name) {

  /** How the rule bears on the object. */
  enum Role {
    /** It is about accesses to the object itself. */
    ITSELF,
    /** It is about accesses to the direct children of the directory. */
    CHILDREN,
    /** It is about whatever is in the directory under one name. */
    NAME
  }

  static Hold itself(ObjectId id, boolean directory, FilePath where, Rule rule) {
    return new Hold(id, directory, where, Role.ITSELF, rule, null, FilePath.EMPTY);
  }

  static Hold children(ObjectId id, FilePath where, Cover cover) {
    return new Hold(id, true, where, Role.CHILDREN, cover.rule(), cover, FilePath.EMPTY);
  }

  static Hold name(ObjectId directory, FilePath where, FilePath name, Rule rule) {
    return new Hold(directory, true, where, Role.NAME, rule, null, name);
  }

  /** The same under a rule of another plan that says the same. */
  Hold under(Rule other) {
    Cover same = cover == null ? null : new Cover(other, cover.ignore(), cover.below());
    return new Hold(id, directory, where, role, other, same, name);
  }
}

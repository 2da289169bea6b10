package dev.custos.fanotify;

import dev.custos.spi.IgnoreRules;
import dev.custos.spi.event.FilePath;
import java.util.List;

/**
 * What one rule has to do with one object.
 *
 * @param where a path of the object in its target, without symbolic links
 * @param name for {@link Role#NAME}: which child
 */
record Hold(ObjectId id, boolean directory, FilePath where, Role role, Cover cover, FilePath name) {
  private static final IgnoreRules NOTHING = new IgnoreRules(List.of(), FilePath.of("/"));

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
    return new Hold(id, directory, where, Role.ITSELF, plain(rule), FilePath.EMPTY);
  }

  static Hold children(ObjectId id, FilePath where, Cover cover) {
    return new Hold(id, true, where, Role.CHILDREN, cover, FilePath.EMPTY);
  }

  static Hold name(ObjectId directory, FilePath where, FilePath name, Rule rule) {
    return new Hold(directory, true, where, Role.NAME, plain(rule), name);
  }

  private static Cover plain(Rule rule) {
    return new Cover(rule, NOTHING, FilePath.EMPTY);
  }

  Rule rule() {
    return cover.rule();
  }

  /** The same under a rule of another plan that says the same. */
  Hold under(Rule other) {
    Cover same = new Cover(other, cover.ignore(), cover.below());
    return new Hold(id, directory, where, role, same, name);
  }
}

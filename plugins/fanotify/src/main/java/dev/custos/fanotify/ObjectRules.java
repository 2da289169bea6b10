package dev.custos.fanotify;

import dev.custos.fanotify.RuleTable.Probe;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

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

  /** Passes on every rule that is about the object or what is in it, some more than once. */
  void each(Consumer<Rule> to) {
    itself.each(to);
    if (!children.isEmpty()) {
      children.each(to);
    }
  }
}

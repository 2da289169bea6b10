package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of one plan, found by the object that is asked about or by its directory's path, in a
 * time that does not grow with their number. Immutable; {@link Probe} is what a thread looks up
 * with, so that it makes no key for each.
 */
final class RuleTable {
  static final RuleTable EMPTY = new RuleTable(List.of(), Map.of(), List.of());

  private final Map<Object, ObjectRules> byInode;
  private final Map<Object, ObjectRules> byPath = new HashMap<>();
  private final Map<Long, Rulings> bySuperBlock = new HashMap<>();
  private final Map<PermissionKind, List<Ruling>> strictest;
  private final Set<PermissionKind> mattering;
  private final List<Narrowing> narrowings;

  /**
   * An object that is marked.
   *
   * @param path of a directory, where it is, from the target's root on and without symbolic links;
   *     null for what is none
   */
  record Entry(ObjectRules rules, FilePath path) {}

  /**
   * A table that never changes.
   *
   * @param entries of objects; where two are alike, the first counts
   * @param wholes the rules of whole file systems, by {@link SuperBlock}
   * @param narrowings all that any of these rules refers to
   */
  RuleTable(List<Entry> entries, Map<Long, List<Rule>> wholes, List<Narrowing> narrowings) {
    this.narrowings = List.copyOf(narrowings);
    byInode = new HashMap<>(entries.size() * 4 / 3 + 1);
    Strictest all = new Strictest();
    for (Entry entry : entries) {
      ObjectRules rules = entry.rules();
      Probe inode = new Probe().inode(rules.id().device(), rules.id().inode());
      byInode.putIfAbsent(inode, rules);
      if (entry.path() != null) {
        byPath.putIfAbsent(pathKey(entry.path()), rules);
      }
      rules.each(all);
    }
    wholes.forEach((block, rules) -> bySuperBlock.put(block, Rulings.of(rules)));
    wholes.values().forEach(rules -> rules.forEach(all));
    strictest = all.rulings();
    mattering = all.mattering();
  }

  /** The root itself is the empty path, so that it is the directory of what is right below it. */
  private static Probe pathKey(FilePath path) {
    byte[] bytes = path.toByteArray();
    return new Probe().path(bytes, 0, bytes.length == 1 ? 0 : bytes.length);
  }

  /** What is known of an object or, if the inode number was used again, of one before it. */
  ObjectRules byInode(Probe probe) {
    return byInode.get(probe);
  }

  /** The rules of the directory at a path. */
  ObjectRules byPath(Probe probe) {
    return byPath.get(probe);
  }

  /** Whether whole file systems are guarded. */
  boolean hasWholes() {
    return !bySuperBlock.isEmpty();
  }

  /** Whether a file system is marked as a whole, if only because that can't be undone. */
  boolean hasWhole(long superBlock) {
    return bySuperBlock.containsKey(superBlock);
  }

  /** The rules about everything on a file system, or null if there are none. */
  Ruling whole(PermissionKind kind, long superBlock) {
    Rulings rulings = bySuperBlock.get(superBlock);
    return rulings == null ? null : rulings.get(kind);
  }

  /** Who the rules are about, where they are not about everyone. */
  List<Narrowing> narrowings() {
    return narrowings;
  }

  /** Whether any answer about a kind can be but to allow, or be told to anyone. */
  boolean matters(PermissionKind kind) {
    return mattering.contains(kind);
  }

  /** The strictest rules of all about a kind, or null if there is none; the strictest first. */
  List<Ruling> strictest(PermissionKind kind) {
    return strictest.get(kind);
  }

  /** Whether anything at all is denied about a kind, so that an allowance must be looked into. */
  boolean denies(PermissionKind kind) {
    List<Ruling> rulings = strictest.get(kind);
    return rulings != null && rulings.get(0).deniesSomebody();
  }

  /** A key that is filled anew for each look-up. One that is in a table is never filled again. */
  static final class Probe {
    private byte[] bytes;
    private int offset;
    private int length;
    private long device;
    private long inode;
    private int hash;

    Probe inode(long device, long inode) {
      this.bytes = null;
      this.device = device;
      this.inode = inode;
      this.hash = Long.hashCode((device * 31 + inode) * 0x9e3779b97f4a7c15L);
      return this;
    }

    Probe path(byte[] bytes, int offset, int length) {
      this.bytes = bytes;
      this.offset = offset;
      this.length = length;
      int h = 1;
      for (int i = 0; i < length; i++) {
        h = 31 * h + bytes[offset + i];
      }
      this.hash = h;
      return this;
    }

    @Override
    public boolean equals(Object other) {
      if (!(other instanceof Probe probe) || hash != probe.hash) {
        return false;
      }
      if (bytes == null) {
        return probe.bytes == null && device == probe.device && inode == probe.inode;
      }
      return probe.bytes != null && length == probe.length && sameBytes(probe);
    }

    private boolean sameBytes(Probe probe) {
      for (int i = 0; i < length; i++) {
        if (bytes[offset + i] != probe.bytes[probe.offset + i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}

package dev.custos.fanotify;

import dev.custos.fanotify.Survey.Row;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What denied paths led to once and do no longer: a directory that was renamed stays denied under
 * its new name, with what was in it, for as long as it exists and the plan has its path. Not
 * thread-safe.
 */
final class Kept {
  // More objects than this are not taken care of under their new names; the oldest go first.
  private static final int MOST = 1024;

  private final List<Keep> keeps = new ArrayList<>();

  /** A path of a guard. */
  private record Key(Subject subject, FilePath path) {
    static Key of(Row row) {
      return new Key(row.guard().subject(), row.path());
    }
  }

  private record Keep(Key key, ObjectId object, List<Hold> holds) {
    /** With the rule as the present plan has it. */
    Keep under(Row row) {
      return new Keep(key, object, holds.stream().map(hold -> hold.under(row.rule())).toList());
    }
  }

  /**
   * Takes over what the rows of the last survey led to and those of a new one don't.
   *
   * @param exists whether an object is still there, under whatever name
   */
  void update(List<Row> last, List<Row> now, Predicate<ObjectId> exists) {
    Map<Key, Row> denied = new HashMap<>();
    now.stream().filter(Row::deny).forEach(row -> denied.putIfAbsent(Key.of(row), row));
    for (Row row : last) {
      Row next = row.deny() && row.object() != null ? denied.get(Key.of(row)) : null;
      if (next != null && !row.object().equals(next.object())) {
        List<Hold> holds = row.holds().stream().filter(h -> h.role() != Hold.Role.NAME).toList();
        keeps.add(new Keep(Key.of(row), row.object(), holds));
      }
    }
    keeps.removeIf(
        keep -> {
          Row row = denied.get(keep.key());
          return row == null
              || Objects.equals(row.object(), keep.object())
              || !exists.test(keep.object());
        });
    if (keeps.size() > MOST) {
      keeps.subList(0, keeps.size() - MOST).clear();
    }
    keeps.replaceAll(keep -> keep.under(denied.get(keep.key())));
  }

  List<Hold> holds() {
    return keeps.stream().flatMap(keep -> keep.holds().stream()).toList();
  }
}

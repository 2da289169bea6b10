package dev.custos.fanotify;

import dev.custos.fanotify.RuleTable.Entry;
import dev.custos.fanotify.Survey.Row;
import dev.custos.linux.NativeException;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Keeps the marks and rules of one target those of its plan, however the target changes. Not
 * thread-safe.
 */
final class MarkKeeper {
  private final Target target;
  private final GuardSettings settings;
  private final MarkRoom.Share room;
  private final OwnListings listings;
  private final FanotifyGroup group;
  private final Consumer<RuleTable> rules;
  private final Toolbox tools;
  private final Marks marks;
  private final Kept kept = new Kept();
  private Territory before;
  private List<Row> rows = List.of();

  /**
   * A keeper without a plan.
   *
   * @param room what of the heap the target takes
   * @param rules takes the rules that readers decide by
   */
  MarkKeeper(
      Target target,
      GuardSettings settings,
      MarkRoom.Share room,
      OwnListings listings,
      FanotifyGroup group,
      Consumer<RuleTable> rules)
      throws NativeException {
    this.target = target;
    this.settings = settings;
    this.room = room;
    this.listings = listings;
    this.group = group;
    this.rules = rules;
    this.tools = Toolbox.open();
    this.marks = new Marks(group, tools, target.rootFd());
  }

  /**
   * Looks where the plan's paths lead now, and makes the marks accordingly. The new rules hold
   * before the first new mark is there and old marks go after that, so at any moment an answer is
   * that of what was before or of what is now. Marks that stay are not touched.
   *
   * @param refused why a guard can't be carried out at all; empty if it can
   * @param note what else there is to say about a guard
   * @return a row for each path, in the plan's order
   */
  List<PathState> look(
      GuardPlan plan, Follow follow, Function<Guard, String> refused, Function<Guard, String> note)
      throws NativeException {
    Surroundings surroundings = Surroundings.of(target, tools, follow, settings, listings);
    room.begin();
    Survey survey = new Survey(plan, surroundings, marks.orphans().size(), room, refused);
    room.end();
    kept.update(rows, survey.rows(), existing());
    kept.holds().forEach(survey::keep);
    Map<ObjectId, Found> released = new LinkedHashMap<>(marks.orphans());
    marks.placed().forEach((id, mark) -> released.put(id, mark.object()));
    survey.found().keySet().forEach(released::remove);
    List<Entry> free = released.values().stream().map(Found::released).toList();
    rules.accept(survey.table(free, marks.lostWholes(survey.wholes())));
    boolean sure = before != null && before.sameMountsAs(surroundings.territory());
    Map<Long, String> wholeFailures = marks.placeWholes(survey.wholes());
    Map<ObjectId, String> failures = marks.place(survey.found().values(), sure);
    marks.removeWholesBut(survey.wholes());
    released.keySet().forEach(marks::remove);
    before = surroundings.territory();
    rows = survey.rows();
    // By identity: comparing guards by value would compare all of their paths.
    IdentityHashMap<Guard, String> notes = new IdentityHashMap<>();
    List<PathState> states = new ArrayList<>(rows.size());
    for (Row row : rows) {
      String one = notes.computeIfAbsent(row.guard(), guard -> note(guard, note, survey));
      states.add(state(row, failures, wholeFailures, one));
    }
    return Collections.unmodifiableList(states);
  }

  private static String note(Guard guard, Function<Guard, String> note, Survey survey) {
    String one = note.apply(guard);
    String other = survey.narrowings().note(guard);
    return one.isEmpty() || other.isEmpty() ? one + other : one + "; " + other;
  }

  /** Whether an object is there, under whatever name: a mark goes with its object. */
  private Predicate<ObjectId> existing() {
    PlacedMarks[] kernel = new PlacedMarks[1];
    return id -> {
      try {
        if (kernel[0] == null) {
          kernel[0] = PlacedMarks.of(group.number());
        }
        return kernel[0].has(id);
      } catch (IOException | IllegalStateException e) {
        // Rather one rule too many.
        return true;
      }
    };
  }

  private static PathState state(
      Row row, Map<ObjectId, String> failures, Map<Long, String> wholeFailures, String note) {
    if (failures.isEmpty() && wholeFailures.isEmpty()) {
      return row.pathState(row.state() == State.ACTIVE ? note : "");
    }
    String failure = row.object() == null ? "" : failures.getOrDefault(row.object(), "");
    if (row.whole() != null) {
      failure = wholeFailures.getOrDefault(row.whole().superBlock(), "");
    }
    if (Marks.isReplaced(failure)) {
      return PathState.pending(row.guard().subject(), row.path(), failure);
    }
    if (!failure.isEmpty()) {
      return PathState.failed(row.guard().subject(), row.path(), failure);
    }
    List<String> missed =
        row.holds().stream()
            .map(hold -> failures.getOrDefault(hold.id(), ""))
            .filter(text -> !text.isEmpty() && !Marks.isReplaced(text))
            .distinct()
            .toList();
    if (!missed.isEmpty()) {
      String reason = "is guarded in part only: " + String.join("; ", missed);
      return PathState.failed(row.guard().subject(), row.path(), reason);
    }
    return row.pathState(row.state() == State.ACTIVE ? note : "");
  }

  int count() {
    return marks.count();
  }

  /** Of no use any more. */
  void close() {
    room.free();
  }

  /** The kernel has removed all marks. */
  void forgetAll() {
    marks.forgetAll();
  }

  /**
   * Compares the marks placed with those that proc_pid_fdinfo(5) lists.
   *
   * @param beside a mark that is none of the plan's
   */
  Inspection inspect(ObjectId beside) {
    int expected = marks.count();
    try {
      PlacedMarks kernel = PlacedMarks.of(group.number());
      marks.orphans().keySet().removeIf(id -> !kernel.has(id));
      int own = kernel.has(beside) ? 1 : 0;
      int found = Math.max(kernel.count() - marks.orphans().size() - own, 0);
      return Inspection.of(
          target.id(),
          expected,
          found,
          found == expected
              ? List.of()
              : List.of(found + " marks of " + expected + " are in place"));
    } catch (IOException | IllegalStateException e) {
      String reason = "the fanotify group can't be inspected: " + e;
      return Inspection.of(target.id(), expected, 0, List.of(reason));
    }
  }

  /** Whether another path of the plan, or what a path leads to, differs between two looks. */
  static List<PathState> changes(
      List<PathState> last, List<Row> lastRows, List<PathState> now, List<Row> rows) {
    List<PathState> changed = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      boolean same =
          i < last.size()
              && last.get(i).equals(now.get(i))
              && Objects.equals(object(lastRows, i), object(rows, i));
      if (!same) {
        changed.add(now.get(i));
      }
    }
    return changed;
  }

  private static ObjectId object(List<Row> rows, int index) {
    return index < rows.size() ? rows.get(index).object() : null;
  }

  List<Row> rows() {
    return rows;
  }
}

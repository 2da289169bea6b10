package dev.custos.fanotify;

import dev.custos.fanotify.Walk.End;
import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.spi.IgnoreRules;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds out what a plan's paths lead to at this moment, without marking anything: a row for each
 * path, in the plan's order and of each guard first those of its allow list, and the objects that
 * are to be marked. A later one of the same plan gives the same if nothing has changed.
 */
final class Survey {
  private final Surroundings surroundings;
  private final Walk walk;
  private final Tree tree;
  private final Narrowings narrowings;
  private static final JvmFiles JVM_FILES = JvmFiles.ofThisProcess();
  private final JvmFiles.Places jvmPlaces = JVM_FILES.places();

  private final Map<ObjectId, Found> found = new LinkedHashMap<>();
  private final Map<Long, Whole> wholes = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();
  private final Function<Guard, String> refused;
  private final boolean hasWholes;
  private final int mostMarks;
  private final MarkRoom.Share room;
  // Of many paths in one directory.
  private FilePath lastParent;
  private ObjectId lastParentId;
  // Which file system an object is on, where that matters.
  private final Map<ObjectId, Long> blocks = new HashMap<>();

  /**
   * A path of the plan.
   *
   * @param rule what the plan says about it
   * @param object what it leads to, or null
   * @param holds what of it, and in it, the rule is about
   * @param whole the file system it is about, or null
   */
  record Row(
      Rule rule, State state, String reason, ObjectId object, List<Hold> holds, Whole whole) {
    Row {
      holds = List.copyOf(holds);
    }

    Guard guard() {
      return rule.guard();
    }

    boolean deny() {
      return rule.deny();
    }

    FilePath path() {
      return rule.path();
    }

    PathState pathState(String more) {
      String all = reason.isEmpty() || more.isEmpty() ? reason + more : reason + "; " + more;
      return new PathState(guard().subject(), path(), state, all);
    }
  }

  /** A whole file system that is guarded, and a path on it. */
  record Whole(long superBlock, FilePath where, List<Rule> rules) {
    long mask() {
      long mask = Fanotify.ONDIR;
      for (Rule rule : rules) {
        mask |= Fanotify.mask(rule.guard().kinds());
      }
      return mask;
    }
  }

  /**
   * Looks.
   *
   * @param spent how many marks there are beside those that this look will want
   * @param room for the objects; the caller begins and ends its count
   * @param refused why a guard can't be carried out at all; empty if it can
   */
  Survey(
      GuardPlan plan,
      Surroundings surroundings,
      int spent,
      MarkRoom.Share room,
      Function<Guard, String> refused) {
    this.refused = refused;
    this.room = room;
    this.mostMarks = surroundings.settings().maxMarks() - spent;
    this.surroundings = surroundings;
    this.walk = surroundings.walk();
    this.tree = new Tree(surroundings, this::add, this::noRoom);
    this.narrowings = new Narrowings(plan, surroundings);
    this.hasWholes = plan.guards().stream().anyMatch(Guard::wholeMount);
    try {
      for (Guard guard : plan.guards()) {
        guard.allow().forEach(path -> rows.add(row(guard, false, path)));
        guard.deny().forEach(path -> rows.add(row(guard, true, path)));
      }
    } finally {
      walk.close();
    }
  }

  List<Row> rows() {
    return rows;
  }

  Map<ObjectId, Found> found() {
    return found;
  }

  Map<Long, Whole> wholes() {
    return wholes;
  }

  /** Who the plan's guards are about. */
  Narrowings narrowings() {
    return narrowings;
  }

  private Row row(Guard guard, boolean deny, FilePath path) {
    Rule rule = new Rule(guard, deny, path, narrowings.of(guard));
    String unsupported = unsupported(guard);
    if (!unsupported.isEmpty()) {
      return failed(rule, unsupported);
    }
    try (End end = walk.to(path)) {
      if (!end.refusal().isEmpty()) {
        return failed(rule, end.path() + " " + end.refusal());
      }
      return end.fd() == null ? missing(rule, end) : there(rule, end);
    } catch (NativeException e) {
      return failed(rule, e.getMessage());
    }
  }

  private String unsupported(Guard guard) {
    String why = refused.apply(guard) + narrowings.refused(guard);
    if (!why.isEmpty()) {
      return why;
    }
    return guard.kinds().isEmpty() ? "none of its events can be guarded: name open or access" : "";
  }

  private static Row failed(Rule rule, String reason) {
    return new Row(rule, State.FAILED, reason, null, List.of(), null);
  }

  /** Nothing there: its name is guarded, so that what comes is, from its first open on. */
  private Row missing(Rule rule, End end) throws NativeException {
    Guard guard = rule.guard();
    String why = new NativeException("openat", end.path().toString(), end.errno()).getMessage();
    if (end.errno() != Errno.ENOENT) {
      return failed(rule, why);
    }
    List<Hold> holds = new ArrayList<>();
    if (end.parentFd() != Walk.NO_FD
        && !guard.onlyDir()
        && !guard.wholeMount()
        && !holdName(rule, end, holds)) {
      return failed(rule, noRoom());
    }
    String reason = why + "; it is guarded as soon as it is there";
    return new Row(rule, State.PENDING, reason, null, holds, null);
  }

  /** Guards what a path leads to by its name; false if there is no room for that. */
  private boolean holdName(Rule rule, End end, List<Hold> holds) {
    ObjectId id = directory(end);
    if (id == null) {
      return true;
    }
    Hold hold = Hold.name(id, end.parent(), end.name(), rule);
    return add(hold, end.parentFd()) && holds.add(hold);
  }

  /** The directory that a path ends in; null if it can't be guarded. */
  // As long as a walk stays in a directory, its path is the same object.
  @SuppressWarnings("ReferenceEquality")
  private ObjectId directory(End end) {
    if (end.parent() != lastParent) {
      int fd = end.parentFd();
      lastParent = end.parent();
      lastParentId =
          surroundings.objects().look(fd) == 0 && surroundings.territory().sharing(fd).isEmpty()
              ? surroundings.objects().id(fd)
              : null;
    }
    return lastParentId;
  }

  private Row there(Rule rule, End end) {
    Guard guard = rule.guard();
    FileDescriptor fd = end.fd();
    int errno = surroundings.objects().look(fd.number());
    if (errno != 0) {
      return failed(rule, "statx: " + Errno.name(errno));
    }
    boolean directory = surroundings.objects().status().isDirectory();
    if (guard.onlyDir() && !directory) {
      return failed(rule, "is not a directory, and the guard has onlyDir");
    }
    String sharing = surroundings.territory().sharing(fd.number());
    if (sharing.isEmpty()) {
      sharing =
          guard.wholeMount()
              ? JVM_FILES.refusalOfWhole(fd.number(), surroundings::superBlock)
              : jvmPlaces.refusal(fd.number(), guard.recursive());
    }
    if (!sharing.isEmpty()) {
      return failed(rule, end.path() + " " + sharing);
    }
    if (guard.wholeMount()) {
      return whole(rule, end);
    }
    ObjectId id = surroundings.objects().id(fd.number());
    List<Hold> holds = new ArrayList<>();
    Hold itself = Hold.itself(id, directory, end.path(), rule);
    if (!add(itself, fd.number())) {
      return failed(rule, noRoom());
    }
    holds.add(itself);
    String note = "";
    State state = State.ACTIVE;
    if (directory) {
      Cover cover = new Cover(rule, new IgnoreRules(guard.ignore(), rule.path()), FilePath.EMPTY);
      Tree.Result result = tree.cover(fd, id, end.path(), cover, holds);
      note = result.note();
      state = result.complete() ? State.ACTIVE : State.FAILED;
    } else if (end.parentFd() != Walk.NO_FD && !holdName(rule, end, holds)) {
      note = "a file that is renamed over it is not guarded: " + noRoom();
    }
    return new Row(rule, state, note, id, holds, null);
  }

  private String noRoom() {
    return found.size() < mostMarks
        ? room.exhausted()
        : "custos.backends.fanotify.max-marks is "
            + surroundings.settings().maxMarks()
            + ", and all are in use; raise it";
  }

  private Row whole(Rule rule, End end) {
    int fd = end.fd().number();
    String shared = surroundings.wholes().notAlone(fd);
    if (!shared.isEmpty()) {
      return failed(rule, end.path() + " " + shared);
    }
    long block = surroundings.superBlock(fd);
    Whole whole = wholes.computeIfAbsent(block, b -> new Whole(b, end.path(), new ArrayList<>()));
    whole.rules().add(rule);
    return new Row(rule, State.ACTIVE, "", null, List.of(), whole);
  }

  /** Takes in a hold on the object that this descriptor has open, if there is room for it. */
  private boolean add(Hold hold, int fd) {
    Found object = found.get(hold.id());
    if (object == null) {
      if (found.size() >= mostMarks || !room.take()) {
        return false;
      }
      object = new Found(hold.id(), hold.directory(), hold.where());
      found.put(hold.id(), object);
      if (hasWholes) {
        blocks.put(hold.id(), surroundings.superBlock(fd));
      }
    }
    object.add(hold);
    return true;
  }

  /** Takes in a hold of an earlier survey, on an object that no path leads to any more. */
  void keep(Hold hold) {
    found.computeIfAbsent(hold.id(), id -> new Found(id, hold.directory(), hold.where())).add(hold);
  }

  /**
   * The rules.
   *
   * @param released objects that are let go of
   * @param releasedWholes file systems that are
   */
  RuleTable table(List<RuleTable.Entry> released, Set<Long> releasedWholes) {
    found.forEach(
        (id, object) -> {
          Whole whole = wholes.get(blocks.get(id));
          if (whole != null) {
            whole.rules().forEach(object::add);
          }
        });
    List<RuleTable.Entry> entries = new ArrayList<>(found.size() + released.size());
    found.values().forEach(object -> entries.add(object.entry()));
    entries.addAll(released);
    Map<Long, List<Rule>> rules = new LinkedHashMap<>();
    releasedWholes.forEach(block -> rules.put(block, List.of()));
    wholes.forEach((block, whole) -> rules.put(block, whole.rules()));
    return new RuleTable(entries, rules, narrowings.all());
  }
}

package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One target: its group, its reader, its marks. All methods may be called by any thread; each waits
 * for the one before.
 */
final class TargetGuard implements AutoCloseable {
  /** Why nothing is guarded while the reader is stuck. */
  static final String STALLED =
      "a file system of the target did not answer within "
          + TimeUnit.NANOSECONDS.toMillis(GroupReaders.STALL_NANOS)
          + " ms when a guarded file was opened; nothing of the target is guarded until it does, or"
          + " until another plan leaves it out";

  private final Target target;
  private final BackendContext context;
  private final String auditProblem;
  private final Owner owner;
  private final PathOpener opener = new PathOpener();
  private final ObjectReader objects = new ObjectReader();
  private final GroupReaders readers;
  private final Marks marks;
  // Objects whose marks could not be removed, because they are not where they were. Where one is
  // gone, its mark went with it; an inspection finds that out.
  private final Map<ObjectId, Survey.Found> orphans = new LinkedHashMap<>();
  private volatile List<PathState> active = List.of();
  private volatile GuardPlan plan;
  // When the readers got stuck; null unless they are.
  private volatile Instant stalledSince;
  private boolean closed;

  /**
   * Opens a group and starts its reader.
   *
   * @param auditProblem why answers can't be audited here; empty if they can
   */
  TargetGuard(
      Target target,
      BackendContext context,
      DecisionPublisher publisher,
      String auditProblem,
      DescriptorReserve reserve)
      throws NativeException {
    this.target = target;
    this.context = context;
    this.auditProblem = auditProblem;
    this.owner = new Owner(target.pidFd());
    this.readers =
        new GroupReaders(
            target, context, publisher, owner, auditProblem.isEmpty(), reserve, new Outcome());
    this.marks = new Marks(readers.group(), opener, objects, target.rootFd());
  }

  GroupReaders readers() {
    return readers;
  }

  /** Whether the readers are stuck in the kernel, so that nothing is guarded now. */
  boolean isStalled() {
    return readers.isStalled();
  }

  /** Whether this is what was applied last. */
  boolean hasPlan(GuardPlan other) {
    GuardPlan last = plan;
    return last != null && last.guards().equals(other.guards());
  }

  /** Whether the reader has not ended, so that this can still guard. */
  boolean isAlive() {
    return readers.isAlive();
  }

  /**
   * Makes the marks those of a plan. The new rules hold before the first new mark is there and old
   * marks go after that, so at any moment an answer is that of the old plan or of the new one.
   */
  synchronized ApplyReport apply(GuardPlan plan) {
    this.plan = plan;
    Survey survey = new Survey(plan, opener, objects);
    Map<ObjectId, Survey.Found> released = new LinkedHashMap<>(orphans);
    marks.placed().forEach((id, mark) -> released.put(id, mark.object()));
    survey.found().keySet().forEach(released::remove);
    readers.decideBy(table(survey, released));
    Map<ObjectId, String> failures = marks.place(survey.found().values());
    orphans.keySet().removeIf(id -> survey.found().containsKey(id));
    released.forEach(this::release);
    List<PathState> rows = new ArrayList<>();
    for (Survey.Row row : survey.rows()) {
      String failure = row.object() == null ? "" : failures.getOrDefault(row.object(), "");
      rows.add(row.state(failure, note(row.guard())));
    }
    active = rows.stream().filter(r -> r.state() == State.ACTIVE).toList();
    return new ApplyReport(rows, marks.placed().size());
  }

  /**
   * The rules of a plan and, without any, the objects that are let go of: accesses to them that are
   * queued already, or that a mark out of reach still asks about, are allowed.
   */
  private static RuleTable table(Survey survey, Map<ObjectId, Survey.Found> released) {
    List<RuleTable.Entry> entries = new ArrayList<>();
    survey.found().values().forEach(found -> entries.add(found.entry()));
    released
        .values()
        .forEach(
            found ->
                entries.add(
                    new RuleTable.Entry(
                        new ObjectRules(found.id, found.directory, List.of()),
                        found.canonicalPath)));
    return new RuleTable(entries);
  }

  private void release(ObjectId id, Survey.Found object) {
    if (marks.placed().containsKey(id) && !marks.remove(id)) {
      orphans.put(id, object);
    }
  }

  private String note(Guard guard) {
    List<String> notes = new ArrayList<>();
    if (guard.audit() && !auditProblem.isEmpty()) {
      notes.add("answers are not audited: " + auditProblem);
    }
    if (guard.autoAllowOwner() && !owner.isKnown()) {
      notes.add("autoAllowOwner allows nobody here: the target has no process of its own");
    }
    return String.join("; ", notes);
  }

  /** Compares the marks placed with those that proc_pid_fdinfo(5) lists. */
  synchronized Inspection inspect() {
    int expected = marks.placed().size();
    try {
      PlacedMarks kernel = PlacedMarks.of(readers.group().number());
      orphans.keySet().removeIf(id -> !kernel.has(id));
      int own = kernel.has(readers.ownMark()) ? 1 : 0;
      int found = Math.max(kernel.count() - orphans.size() - own, 0);
      return new Inspection(
          expected,
          found,
          found == expected
              ? List.of()
              : List.of(found + " marks of " + expected + " are in place"));
    } catch (IOException | IllegalStateException e) {
      return new Inspection(expected, 0, List.of("the fanotify group can't be inspected: " + e));
    }
  }

  /** Tells the host what becomes of the readers. */
  private final class Outcome implements GroupReaders.Listener {
    @Override
    public void stalled(Instant since) {
      stalledSince = since;
      fail(STALLED);
      lost(Subject.ofAgent(), FilePath.EMPTY, since, "not guarded from here on: " + STALLED);
    }

    /** On a thread of its own: whoever opens paths may have to wait for the same file system. */
    @Override
    public void resumed() {
      context.threads().newThread(TargetGuard.this::guardAgain).start();
    }

    @Override
    public void ended(Throwable cause) {
      if (cause == null) {
        return;
      }
      String detail = "guarding ended: " + cause.getMessage();
      fail(detail);
      lost(Subject.ofAgent(), FilePath.EMPTY, null, detail);
    }
  }

  private void fail(String reason) {
    for (PathState row : active) {
      context.coverage().changed(target, PathState.failed(row.subject(), row.path(), reason));
    }
  }

  private synchronized void guardAgain() {
    Instant since = stalledSince;
    if (closed || since == null) {
      return;
    }
    stalledSince = null;
    List<PathState> before = active;
    ApplyReport report = apply(plan);
    report.paths().forEach(row -> context.coverage().changed(target, row));
    for (PathState row : before) {
      lost(row.subject(), row.path(), since, "a file system of the target did not answer");
    }
  }

  private void lost(Subject subject, FilePath path, Instant since, String detail) {
    Instant now = context.clock().instant();
    context
        .events()
        .publish(
            EventsLost.builder(subject, target.origin())
                .time(now)
                .reason(LossReason.UNGUARDED)
                .path(path)
                .from(since)
                .to(now)
                .detail(detail)
                .build());
  }

  /** Removes all marks and ends the readers; see {@link GroupReaders#close}. */
  @Override
  public synchronized void close() {
    closed = true;
    readers.close();
    Instant since = stalledSince;
    if (since != null) {
      stalledSince = null;
      for (PathState row : active) {
        lost(row.subject(), row.path(), since, "a file system of the target did not answer");
      }
    }
  }
}

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
  private final Target target;
  private final BackendContext context;
  private final DecisionPublisher publisher;
  private final String auditProblem;
  private final Owner owner;
  private final PathOpener opener = new PathOpener();
  private final ObjectReader objects = new ObjectReader();
  private final DecisionLog log;
  private final FanotifyGroup group;
  private final Marks marks;
  private final GuardReader reader;
  private final Thread thread;
  // Objects whose marks could not be removed, because they are not where they were. Where one is
  // gone, its mark went with it; an inspection finds that out.
  private final Map<ObjectId, Survey.Found> orphans = new LinkedHashMap<>();
  private volatile List<PathState> active = List.of();

  /**
   * Opens a group and starts its reader.
   *
   * @param auditProblem why answers can't be audited here; empty if they can
   */
  TargetGuard(
      Target target, BackendContext context, DecisionPublisher publisher, String auditProblem)
      throws NativeException {
    this.target = target;
    this.context = context;
    this.publisher = publisher;
    this.auditProblem = auditProblem;
    this.owner = new Owner(target.pidFd());
    boolean canAudit = auditProblem.isEmpty();
    Verdict verdict = new Verdict(target, owner);
    this.group = new FanotifyGroup(canAudit);
    this.marks = new Marks(group, opener, objects, target.rootFd());
    this.log = publisher.open(target.origin());
    try {
      Responder responder =
          new Responder(group.number(), verdict, log, publisher, context.clock(), canAudit);
      this.reader = new GuardReader(group, responder, log, this::ended);
      this.thread = context.threads().newThread(reader);
    } catch (NativeException | RuntimeException e) {
      group.close();
      publisher.close(log);
      throw e;
    }
    thread.start();
  }

  /** Whether the reader has not ended, so that this can still guard. */
  boolean isAlive() {
    return group.isOpen();
  }

  /**
   * Makes the marks those of a plan. The new rules hold before the first new mark is there and old
   * marks go after that, so at any moment an answer is that of the old plan or of the new one.
   */
  synchronized ApplyReport apply(GuardPlan plan) {
    Survey survey = new Survey(plan, opener, objects);
    Map<ObjectId, Survey.Found> released = new LinkedHashMap<>(orphans);
    marks.placed().forEach((id, mark) -> released.put(id, mark.object()));
    survey.found().keySet().forEach(released::remove);
    reader.decideBy(table(survey, released));
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
      PlacedMarks kernel = PlacedMarks.of(group.number());
      orphans.keySet().removeIf(id -> !kernel.has(id));
      int found = Math.max(kernel.count() - orphans.size(), 0);
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

  private void ended(Throwable cause) {
    publisher.close(log);
    if (cause == null) {
      return;
    }
    String detail = "guarding ended: " + cause.getMessage();
    for (PathState row : active) {
      context.coverage().changed(target, PathState.failed(row.subject(), row.path(), detail));
    }
    Instant now = context.clock().instant();
    context
        .events()
        .publish(
            EventsLost.builder(Subject.ofAgent(), target.origin())
                .time(now)
                .reason(LossReason.UNGUARDED)
                .detail(detail)
                .build());
  }

  /**
   * Removes all marks, has what is queued answered and the group closed. A reader that is stuck in
   * the kernel closes it when it comes back; nothing new waits for it.
   */
  @Override
  public synchronized void close() {
    group.flush();
    reader.stop();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

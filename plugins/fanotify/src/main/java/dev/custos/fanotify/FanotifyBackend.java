package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Guards targets, each with a fanotify group and a reader of its own. */
final class FanotifyBackend implements GuardBackend {
  private final BackendContext context;
  private final String auditProblem;
  private final DecisionPublisher publisher;
  private final DescriptorReserve reserve = new DescriptorReserve();
  private final Supervisor supervisor;
  private final GuardSettings settings;
  private final OwnListings listings = new OwnListings();
  private final MarkRoom room;
  private final Follower follower;
  private final Map<String, TargetGuard> targets = new ConcurrentHashMap<>();

  /**
   * Makes a backend that has walked its reader's whole way once.
   *
   * @param auditProblem why answers can't be audited here; empty if they can
   * @param room for the objects of all targets
   */
  FanotifyBackend(BackendContext context, String auditProblem, MarkRoom room)
      throws BackendException {
    this.context = context;
    this.room = room;
    this.auditProblem = auditProblem;
    this.settings = GuardSettings.of(context.config());
    try {
      Rehearsal.run(context, reserve);
    } catch (NativeException e) {
      reserve.close();
      throw new BackendException("fanotify: " + e.getMessage(), e);
    }
    this.publisher = new DecisionPublisher(context);
    this.supervisor = new Supervisor(context.threads(), reserve);
    try {
      this.follower = new Follower(context.threads());
    } catch (NativeException e) {
      supervisor.close();
      publisher.close();
      reserve.close();
      throw new BackendException("fanotify: " + e.getMessage(), e);
    }
  }

  @Override
  public ApplyReport apply(GuardPlan desired) throws BackendException {
    String id = desired.target().id();
    TargetGuard guard = targets.get(id);
    if (guard != null && guard.isStalled() && guard.hasPlan(desired)) {
      return failed(desired, TargetGuard.STALLED);
    }
    // Another plan than the one that got stuck may leave out what does not answer.
    boolean spent = guard != null && (!guard.isAlive() || guard.isStalled());
    if (desired.guards().isEmpty() || spent) {
      letGo(id);
      guard = null;
    }
    if (desired.guards().isEmpty()) {
      return new ApplyReport(List.of(), 0);
    }
    if (guard == null) {
      try {
        guard = open(desired.target());
      } catch (NativeException e) {
        return failed(desired, e.getMessage() + wayOut(e));
      }
      targets.put(id, guard);
    }
    return guard.apply(desired);
  }

  private TargetGuard open(Target target) throws NativeException {
    TargetGuard guard =
        new TargetGuard(
            target,
            context,
            publisher,
            auditProblem,
            reserve,
            settings,
            room.share(),
            listings,
            follower);
    supervisor.add(guard.readers());
    return guard;
  }

  private void letGo(String id) {
    TargetGuard guard = targets.remove(id);
    if (guard != null) {
      guard.close();
    }
  }

  private static String wayOut(NativeException e) {
    return e.errno() == Errno.EMFILE
        ? "; raise fs.fanotify.max_user_groups or the limit on open files"
        : "";
  }

  private static ApplyReport failed(GuardPlan plan, String reason) {
    List<PathState> rows = new ArrayList<>();
    for (Guard guard : plan.guards()) {
      Stream<FilePath> paths = Stream.concat(guard.allow().stream(), guard.deny().stream());
      paths.forEach(path -> rows.add(PathState.failed(guard.subject(), path, reason)));
    }
    return new ApplyReport(rows, 0);
  }

  @Override
  public Inspection inspect() {
    Inspection all = Inspection.NOTHING;
    for (TargetGuard guard : targets.values()) {
      all = all.and(guard.inspect());
    }
    return all;
  }

  /** Has every reader answer a question that is asked for the purpose. */
  @Override
  public boolean prove() {
    boolean all = true;
    for (TargetGuard guard : targets.values()) {
      all &= guard.readers().prove();
    }
    return all;
  }

  @Override
  public void close() {
    List.copyOf(targets.keySet()).forEach(this::letGo);
    follower.close();
    supervisor.close();
    publisher.close();
    reserve.close();
  }
}

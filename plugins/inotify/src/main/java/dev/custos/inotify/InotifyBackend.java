package dev.custos.inotify;

import dev.custos.inotify.Lanes.Part;
import dev.custos.linux.NativeException;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each target an inotify instance of its own, so that one target's storm is its own. */
final class InotifyBackend implements WatchBackend {
  private static final Logger log = LoggerFactory.getLogger(InotifyBackend.class);

  /** A thread that has done nothing for so long sits in a system call. */
  private static final long STILL_NANOS = 1_000_000_000L;

  private static final long SILENCE_NANOS = 2_000_000_000L;
  private static final long INSPECT_NANOS = 5_000_000_000L;

  /** So many instances have a thread each, whether or not something happens. */
  private static final int FEW_INSTANCES = 8;

  private static final int QUIET_MILLIS = 200;

  private final BackendContext context;
  private final Crew crew;
  private final Lanes lanes;
  private final Hearers hearers = new Hearers();
  private boolean closed;

  InotifyBackend(BackendContext context, Budget budget) throws NativeException {
    this.context = context;
    this.crew = new Crew(context.threads(), FEW_INSTANCES, QUIET_MILLIS);
    this.lanes = new Lanes(plan -> open(plan, budget), budget.instances());
  }

  private Instance open(WatchPlan plan, Budget budget) throws NativeException {
    Instance instance =
        new Instance(context, budget.share(plan.target().pidFd().isPresent()), crew);
    hearers.tell(instance);
    return instance;
  }

  @Override
  public ApplyReport apply(WatchPlan plan) throws BackendException {
    List<Part> parts = split(plan);
    List<CompletableFuture<ApplyReport>> answers = new ArrayList<>();
    for (Part part : parts) {
      if (Mask.hearsListings(part.plan().watches())) {
        silenceOthers(part);
      }
      answers.add(part.instance().apply(part.plan()));
    }
    Map<Watch, PathState> rows = new HashMap<>();
    int watched = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      ApplyReport report =
          part.lane().isRemote()
              ? awaitRemote(answers.get(i), part)
              : await(answers.get(i), part.plan());
      watched += report.kernelObjects();
      for (int row = 0; row < report.paths().size(); row++) {
        rows.put(part.plan().watches().get(row), report.paths().get(row));
      }
      applied(part);
    }
    return new ApplyReport(plan.watches().stream().map(rows::get).toList(), watched);
  }

  private synchronized List<Part> split(WatchPlan plan) throws BackendException {
    if (closed) {
      throw new BackendException("inotify: closed");
    }
    return lanes.split(plan);
  }

  /**
   * Has the other instances read directories silently from now on, and waits until none has one
   * open that this target would hear of. One that sits in a system call holds up nobody: what it
   * reads is on a file system that does not answer.
   */
  private void silenceOthers(Part part) {
    List<CompletableFuture<Void>> silent;
    synchronized (this) {
      silent = hearers.add(part.lane(), part.instance(), lanes.instances());
    }
    try {
      CompletableFuture.allOf(silent.toArray(CompletableFuture[]::new))
          .get(SILENCE_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      log.debug("inotify: not all other targets are silent: {}", e.toString());
    }
  }

  /** Lets go of what the plan that was applied does not need any more. */
  private void applied(Part part) {
    Instance unused = null;
    synchronized (this) {
      if (!Mask.hearsListings(part.plan().watches())) {
        hearers.remove(part.lane(), lanes.instances());
      }
      if (part.plan().watches().isEmpty()) {
        unused = lanes.remove(part.lane());
        hearers.forget(unused);
      }
    }
    if (unused != null) {
      unused.close();
    }
  }

  /**
   * Waits as long as the instance moves. A file system whose server does not answer holds up no
   * other path: its own are failed, and told as coverage when it does answer.
   */
  private ApplyReport awaitRemote(CompletableFuture<ApplyReport> answer, Part part)
      throws BackendException {
    long turns;
    do {
      turns = part.instance().turns();
      try {
        answer.get(STILL_NANOS, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        // Said below.
      }
      return await(answer, part.plan());
    } while (part.instance().turns() != turns);
    List<PathState> rows = new ArrayList<>();
    for (Watch watch : part.plan().watches()) {
      FilePath mount = FilePath.ofBytes(part.lane().mount().getBytes(StandardCharsets.ISO_8859_1));
      String reason =
          "the file system mounted at \""
              + mount
              + "\" does not answer; watched as soon as it does";
      rows.add(PathState.failed(watch.subject(), watch.path(), reason));
    }
    var unused = answer.thenAccept(report -> tellLate(part, report));
    return new ApplyReport(rows, 0);
  }

  private void tellLate(Part part, ApplyReport report) {
    for (PathState row : report.paths()) {
      if (!row.reason().equals(Coordinator.SUPERSEDED)) {
        context.coverage().changed(part.plan().target(), row);
      }
    }
  }

  private static ApplyReport await(CompletableFuture<ApplyReport> answer, WatchPlan plan)
      throws BackendException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      // The host gave up waiting. What is being done goes on; its end is told as coverage.
      Thread.currentThread().interrupt();
      List<PathState> rows = new ArrayList<>();
      for (Watch watch : plan.watches()) {
        rows.add(PathState.pending(watch.subject(), watch.path(), "still being looked at"));
      }
      return new ApplyReport(rows, 0);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BackendException dead) {
        throw dead;
      }
      throw new BackendException("inotify: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public Inspection inspect() {
    List<CompletableFuture<Inspection>> all;
    synchronized (this) {
      all = new HashSet<>(lanes.instances()).stream().map(Instance::inspect).toList();
    }
    long deadline = System.nanoTime() + INSPECT_NANOS;
    Inspection found = Inspection.NOTHING;
    for (CompletableFuture<Inspection> inspection : all) {
      try {
        // One deadline for all: an instance that is held up must not hold up the inspection.
        long left = Math.max(0, deadline - System.nanoTime());
        found = found.and(inspection.get(left, TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        // A file system does not answer, which the status of its paths says.
        log.debug("inotify: an instance is held up, it can't be compared");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        // Its thread has ended, which its targets have been told.
        log.debug("inotify: an instance can't be compared: {}", e.getCause().getMessage());
      }
    }
    return found;
  }

  @Override
  public void close() {
    List<Instance> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(new HashSet<>(lanes.instances()));
      lanes.clear();
    }
    Instance.closeAll(all, crew);
  }
}

package dev.custos.inotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchPlan;
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

  private static final long SILENCE_NANOS = 2_000_000_000L;
  private static final long INSPECT_NANOS = 5_000_000_000L;

  private final BackendContext context;
  private final Budget budget;
  private final Map<String, Instance> instances = new HashMap<>();
  private final Hearers hearers = new Hearers();
  private boolean closed;

  InotifyBackend(BackendContext context, Budget budget) {
    this.context = context;
    this.budget = budget;
  }

  @Override
  public ApplyReport apply(WatchPlan plan) throws BackendException {
    Instance instance = instanceFor(plan);
    if (instance == null) {
      return new ApplyReport(List.of(), 0);
    }
    boolean hears = Mask.hearsListings(plan.watches());
    if (hears) {
      silenceOthers(plan.target().id(), instance);
    }
    ApplyReport report = await(instance.apply(plan), plan);
    if (plan.watches().isEmpty()) {
      letGo(plan.target().id());
    } else if (!hears) {
      hearsNoMore(plan.target().id());
    }
    return report;
  }

  /**
   * Has the other instances read directories silently from now on, and waits until none has one
   * open that this target would hear of. One that sits in a system call holds up nobody: what it
   * reads is on a file system that does not answer.
   */
  private void silenceOthers(String target, Instance instance) {
    List<CompletableFuture<Void>> silent;
    synchronized (this) {
      silent = hearers.add(target, instance, instances.values());
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

  private synchronized void hearsNoMore(String target) {
    hearers.remove(target, instances.values());
  }

  private synchronized Instance instanceFor(WatchPlan plan) throws BackendException {
    if (closed) {
      throw new BackendException("inotify: closed");
    }
    Instance instance = instances.get(plan.target().id());
    if (instance == null && !plan.watches().isEmpty()) {
      try {
        instance = new Instance(context, budget.share(plan.target().pidFd().isPresent()));
        hearers.tell(instance);
      } catch (NativeException e) {
        // Better to share an instance, and its queue, than not to watch at all.
        instance = leastShared();
        if (instance == null) {
          throw new BackendException("inotify_init1: " + Limits.instancesReason(e.errno()), e);
        }
      }
      instances.put(plan.target().id(), instance);
    }
    return instance;
  }

  private void letGo(String target) {
    Instance instance;
    synchronized (this) {
      hearers.remove(target, instances.values());
      instance = instances.remove(target);
      if (instance == null || instances.containsValue(instance)) {
        return;
      }
      hearers.forget(instance);
    }
    instance.close();
  }

  private Instance leastShared() {
    Map<Instance, Integer> uses = new HashMap<>();
    instances.values().forEach(i -> uses.merge(i, 1, Integer::sum));
    return uses.entrySet().stream()
        .min(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(null);
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
      all = new HashSet<>(instances.values()).stream().map(Instance::inspect).toList();
    }
    long deadline = System.nanoTime() + INSPECT_NANOS;
    int expected = 0;
    int found = 0;
    List<String> differences = new ArrayList<>();
    for (CompletableFuture<Inspection> inspection : all) {
      try {
        // One deadline for all: an instance that is held up must not hold up the inspection.
        long left = Math.max(0, deadline - System.nanoTime());
        Inspection one = inspection.get(left, TimeUnit.NANOSECONDS);
        expected += one.expected();
        found += one.found();
        differences.addAll(one.differences());
      } catch (TimeoutException e) {
        differences.add("a file system does not answer, its target can't be looked at");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        differences.add("the inspection was interrupted");
      } catch (ExecutionException e) {
        differences.add(String.valueOf(e.getCause().getMessage()));
      }
    }
    return new Inspection(
        expected, found, differences.subList(0, Math.min(100, differences.size())));
  }

  @Override
  public void close() {
    List<Instance> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(new HashSet<>(instances.values()));
      instances.clear();
    }
    all.forEach(Instance::close);
  }
}

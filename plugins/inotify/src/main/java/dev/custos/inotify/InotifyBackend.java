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

/** Gives each target an inotify instance of its own, so that one target's storm is its own. */
final class InotifyBackend implements WatchBackend {
  private static final long INSPECT_NANOS = 5_000_000_000L;

  private final BackendContext context;
  private final Budget budget;
  private final Map<String, Instance> instances = new HashMap<>();
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
    ApplyReport report = await(instance.apply(plan), plan);
    if (plan.watches().isEmpty()) {
      letGo(plan.target().id());
    }
    return report;
  }

  private synchronized Instance instanceFor(WatchPlan plan) throws BackendException {
    if (closed) {
      throw new BackendException("inotify: closed");
    }
    Instance instance = instances.get(plan.target().id());
    if (instance == null && !plan.watches().isEmpty()) {
      try {
        instance = new Instance(context, budget.share(plan.target().pidFd().isPresent()));
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
      instance = instances.remove(target);
      if (instance == null || instances.containsValue(instance)) {
        return;
      }
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

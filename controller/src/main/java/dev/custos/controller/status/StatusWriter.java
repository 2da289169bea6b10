package dev.custos.controller.status;

import dev.custos.controller.crd.Condition;
import dev.custos.controller.metrics.Counter;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.snapshot.SnapshotCache;
import dev.custos.controller.status.StatusStore.ConflictException;
import dev.custos.controller.status.StatusStore.Stored;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * Writes a resource's status whenever it differs from what is stored, and no oftener than {@link
 * Pace} allows; the last state is always written.
 */
public final class StatusWriter implements KeyedQueue.Handler<ResourceKey> {
  private static final int ATTEMPTS = 3;

  private final StatusStore store;
  private final ClusterState state;
  private final SnapshotCache cache;
  private final NodeReports reports;
  private final Time time;
  private final Pace pace;
  private final BiConsumer<ResourceKey, Duration> later;
  private final ResourceEvents events;
  private final Counter writes;

  /** Of one object. A key is worked on by one thread at a time, so it needs no lock. */
  private static final class Entry {
    private final String uid;
    private final WriteTimes times;
    private Stored stored; // null until it was read, and after a conflict
    private long nextTurn;
    private boolean turnIsDue;
    private ServedPods pods; // null until the status was read

    Entry(String uid, WriteTimes times) {
      this.uid = uid;
      this.times = times;
    }
  }

  private final Map<ResourceKey, Entry> entries = new ConcurrentHashMap<>();

  /**
   * @param later has a resource handled again after a time; must not block
   * @param events told of what a status alone does not keep
   * @param writes counts what came of them
   */
  public StatusWriter(
      KubernetesClient client,
      ClusterState state,
      SnapshotCache cache,
      NodeReports reports,
      Time time,
      Pace pace,
      BiConsumer<ResourceKey, Duration> later,
      ResourceEvents events,
      Counter writes) {
    this.store = new StatusStore(client);
    this.state = state;
    this.cache = cache;
    this.reports = reports;
    this.time = time;
    this.pace = pace;
    this.later = later;
    this.events = events;
    this.writes = writes;
  }

  @Override
  public void handle(ResourceKey key) throws ConflictException {
    Optional<DesiredResource> resource = state.resource(key);
    if (resource.isEmpty()) {
      entries.remove(key);
      return;
    }
    Entry entry =
        entries.compute(
            key,
            (k, e) ->
                e != null && e.uid.equals(resource.get().uid())
                    ? e
                    : new Entry(resource.get().uid(), new WriteTimes(pace, time.nanos())));
    long begun = time.nanos();
    long pause = entry.times.pause(begun);
    if (pause > 0) {
      turn(key, entry, pause);
      return;
    }
    Assessment assessment = Assessment.of(resource.get(), state, cache, reports);
    entry.times.looked(begun, time.nanos());
    assessment.graceLeft().ifPresent(left -> turn(key, entry, left.toNanos()));
    if (!update(key, entry, resource.get(), assessment)) {
      entries.remove(key, entry);
    }
  }

  /** Has the key handled again, unless it will be by then anyway. */
  private void turn(ResourceKey key, Entry entry, long nanos) {
    long now = time.nanos();
    boolean sooner = entry.turnIsDue && entry.nextTurn > now && entry.nextTurn <= now + nanos;
    if (!sooner) {
      entry.turnIsDue = true;
      entry.nextTurn = now + nanos;
      later.accept(key, Duration.ofNanos(nanos));
    }
  }

  /** Returns false if the object is gone; the informer is about to say so. */
  private boolean update(
      ResourceKey key, Entry entry, DesiredResource resource, Assessment assessment)
      throws ConflictException {
    for (int attempt = 1; ; attempt++) {
      if (entry.stored == null) {
        entry.stored = store.read(key).filter(s -> s.uid().equals(entry.uid)).orElse(null);
      }
      if (entry.stored == null) {
        return false;
      }
      tellOfPods(key, entry, assessment);
      ResourceStatus before = entry.stored.status();
      ResourceStatus next = status(resource, assessment, before);
      if (next.equals(before)) {
        return true;
      }
      try {
        entry.times.written(time.nanos());
        entry.stored = store.replace(key, entry.stored, next).orElse(null);
        tellOfHealth(key, entry, before, next);
        writes.increment("written");
        return entry.stored != null;
      } catch (KubernetesClientException e) {
        // Maybe it was written all the same, and only the answer got lost.
        entry.stored = null;
        writes.increment("failed");
        throw e;
      } catch (ConflictException e) {
        writes.increment("conflict");
        entry.stored = null;
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void tellOfPods(ResourceKey key, Entry entry, Assessment assessment) {
    long now = time.nanos();
    if (entry.pods == null) {
      entry.pods = new ServedPods(entry.stored.status().served(), now);
    }
    ServedPods.Changes changes = entry.pods.update(assessment.selected(), assessment.served(), now);
    changes.added().forEach(pod -> events.tell(key, entry.uid, EventReason.ADDED, pod));
    changes.removed().forEach(pod -> events.tell(key, entry.uid, EventReason.REMOVED, pod));
  }

  private void tellOfHealth(
      ResourceKey key, Entry entry, ResourceStatus before, ResourceStatus next) {
    boolean was = isDegraded(before);
    boolean is = isDegraded(next);
    if (was != is) {
      String message =
          Conditions.find(next.conditions(), Condition.DEGRADED).map(Condition::message).orElse("");
      events.tell(key, entry.uid, is ? EventReason.DEGRADED : EventReason.RECOVERED, message);
    }
  }

  private static boolean isDegraded(ResourceStatus status) {
    return Conditions.find(status.conditions(), Condition.DEGRADED)
        .filter(c -> c.status().equals(Condition.TRUE))
        .isPresent();
  }

  private ResourceStatus status(
      DesiredResource resource, Assessment assessment, ResourceStatus before) {
    return new ResourceStatus(
        assessment.generation(),
        assessment.observable(),
        assessment.served().size(),
        Conditions.of(resource, assessment, before.conditions(), time.now()),
        assessment.coverage());
  }
}

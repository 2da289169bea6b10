package dev.custos.controller.status;

import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.reconcile.KeyedQueue;
import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells Kubernetes events on resources, by a thread of its own: whoever has something to tell never
 * waits for the API server. Of each resource one event of a kind is told in an interval, with all
 * that has gathered; a resource that goes to and fro changes the events that it has rather than
 * having ever more of them.
 */
public final class ResourceEvents implements AutoCloseable {
  /** Kinds of events on resources that may wait. */
  private static final int MOST_WAITING = 10_000;

  private static final int ATTEMPTS = 5;

  /** Within this time a resource has so many events of a kind; then the last one is changed. */
  private static final Duration WINDOW = Duration.ofMinutes(10);

  private static final int MOST_IN_WINDOW = 10;

  /** A kind of events on one object. */
  private record Slot(ResourceKey resource, String uid, EventReason reason) {}

  /**
   * What was told last.
   *
   * @param began when the first event of the window was told
   * @param number of events in the window
   */
  private record Told(EventWriter.Written event, String message, long began, long at, int number) {}

  private final EventWriter writer;
  private final Pace pace;
  private final Time time;
  private final ControllerMetrics metrics;
  private final Map<Slot, EventText> waiting = new HashMap<>();
  private final Map<Slot, Told> told = new HashMap<>();
  private final KeyedQueue<Slot> queue;

  public ResourceEvents(KubernetesClient client, Pace pace, Time time, ControllerMetrics metrics) {
    this.writer = new EventWriter(client, time);
    this.pace = pace;
    this.time = time;
    this.metrics = metrics;
    this.queue = new KeyedQueue<>("events", 1, this::post);
  }

  /**
   * Has something told soon. Never blocks.
   *
   * @param uid of the object
   * @param what as {@link EventText#add} has it
   */
  public void tell(ResourceKey resource, String uid, EventReason reason, String what) {
    Slot slot = new Slot(resource, uid, reason);
    long delay;
    synchronized (this) {
      EventText text = waiting.get(slot);
      if (text != null) {
        text.add(what);
        return;
      }
      if (waiting.size() >= MOST_WAITING) {
        metrics.kubernetesEventsDropped().increment();
        return;
      }
      EventText first = new EventText(reason, resource.kind().equals("JanusGuard"));
      first.add(what);
      waiting.put(slot, first);
      Told last = told.get(slot);
      long due = last == null ? 0 : last.at() + pace.interval().toNanos() - time.nanos();
      delay = Math.max(due, pace.gather().toNanos());
    }
    queue.add(slot, Duration.ofNanos(delay));
  }

  /** How many wait to be told. */
  public synchronized int depth() {
    return waiting.size();
  }

  /** See {@link KeyedQueue#standstill}. */
  public Optional<String> standstill() {
    return queue.standstill();
  }

  private void post(Slot slot) {
    EventText text;
    Told last;
    synchronized (this) {
      text = waiting.remove(slot);
      last = told.get(slot);
    }
    if (text == null) {
      return;
    }
    try {
      Told now = post(slot, text.text(), last);
      metrics.kubernetesEvents().increment(slot.reason().text(), "sent");
      synchronized (this) {
        told.put(slot, now);
        if (told.size() > MOST_WAITING) {
          told.values().removeIf(t -> now.at() - t.began() > WINDOW.toNanos());
        }
      }
    } catch (KubernetesClientException e) {
      metrics.kubernetesEvents().increment(slot.reason().text(), "failed");
      // In a namespace that is being deleted nothing can be made any more.
      boolean hopeless = e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || isTerminating(e);
      if (hopeless || text.failed(ATTEMPTS)) {
        metrics.kubernetesEventsDropped().increment();
        return;
      }
      synchronized (this) {
        EventText later = waiting.put(slot, text);
        if (later != null) {
          text.addAll(later);
        }
      }
      throw e;
    }
  }

  private Told post(Slot slot, String message, Told last) {
    long now = time.nanos();
    boolean sameWindow = last != null && now - last.began() <= WINDOW.toNanos();
    if (sameWindow && (last.message().equals(message) || last.number() >= MOST_IN_WINDOW)) {
      Optional<EventWriter.Written> changed = writer.repeat(slot.resource(), last.event(), message);
      if (changed.isPresent()) {
        return new Told(changed.get(), message, last.began(), now, last.number());
      }
    }
    EventWriter.Written made = writer.create(slot.resource(), slot.uid(), slot.reason(), message);
    return sameWindow
        ? new Told(made, message, last.began(), now, last.number() + 1)
        : new Told(made, message, now, now, 1);
  }

  private static boolean isTerminating(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
        && e.getMessage() != null
        && e.getMessage().contains("being terminated");
  }

  /** What waits is dropped. */
  @Override
  public void close() {
    queue.close();
  }
}

package dev.custos.agent.pipeline;

import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Counts events by the resource that asked for them and by what they tell, since the run began.
 * What is published through {@link #counting} is counted on its way, and costs a look-up for each
 * stretch of events of one subject and kind: a read from the kernel mostly brings many of the same.
 * Thread-safe.
 */
public final class OwnerCounts {
  /** Subjects that are known by heart; beyond that the look-up begins anew. */
  private static final int MOST_SUBJECTS = 10_000;

  private static final int LONGEST_DETAIL = 512;

  /** A resource. */
  public record Owner(String kind, String namespace, String name) {}

  /**
   * A total.
   *
   * @param event as it is printed
   * @param last of losses: when the last one ended; the epoch for all else
   * @param detail of losses: what the last one was; empty for all else
   */
  public record Total(Owner owner, String event, long total, Instant last, String detail) {}

  private static final class Totals {
    // By the events' own constant names: a look-up allocates nothing.
    private final Map<String, LongAdder> byEvent = new ConcurrentHashMap<>();
    private volatile EventsLost lastLoss;

    void add(String event, int number) {
      LongAdder count = byEvent.get(event);
      if (count == null) {
        count = byEvent.computeIfAbsent(event, e -> new LongAdder());
      }
      count.add(number);
    }
  }

  private final Map<Owner, Totals> byOwner = new ConcurrentHashMap<>();
  private final Map<Subject, Totals> bySubject = new ConcurrentHashMap<>();

  /** A publisher that counts what passes it on the way to {@code events}. */
  public EventPublisher counting(EventPublisher events) {
    return new Counting(events);
  }

  /** The totals of every resource so far. */
  public List<Total> totals() {
    List<Total> all = new ArrayList<>();
    byOwner.forEach(
        (owner, totals) -> {
          EventsLost loss = totals.lastLoss;
          totals.byEvent.forEach(
              (event, count) -> {
                boolean tellsLoss = loss != null && event.equals(loss.eventName());
                all.add(
                    new Total(
                        owner,
                        event,
                        count.sum(),
                        tellsLoss ? loss.to() : Instant.EPOCH,
                        tellsLoss ? describe(loss) : ""));
              });
        });
    return all;
  }

  /** Forgets the resources that nobody asks for here any more; they would begin at 0 again. */
  public void retain(Predicate<Owner> asked) {
    byOwner.keySet().removeIf(owner -> !asked.test(owner));
    bySubject.clear();
  }

  private Totals totals(Subject subject) {
    Totals known = bySubject.get(subject);
    if (known != null) {
      return known;
    }
    if (bySubject.size() >= MOST_SUBJECTS) {
      bySubject.clear();
    }
    Owner owner = new Owner(subject.kind(), subject.namespace(), subject.name());
    Totals totals = byOwner.computeIfAbsent(owner, o -> new Totals());
    bySubject.put(subject, totals);
    return totals;
  }

  private static String describe(EventsLost loss) {
    StringBuilder text = new StringBuilder(loss.reason().text());
    if (loss.count().isPresent()) {
      text.append(", ").append(loss.count().getAsLong()).append(" events");
    }
    if (loss.path().length() > 0) {
      text.append(", ").append(loss.path());
    }
    if (!loss.detail().isEmpty()) {
      text.append(": ").append(loss.detail());
    }
    return text.length() <= LONGEST_DETAIL ? text.toString() : text.substring(0, LONGEST_DETAIL);
  }

  private final class Counting implements EventPublisher {
    private final EventPublisher events;

    Counting(EventPublisher events) {
      this.events = events;
    }

    @Override
    public void publish(IntegrityEvent event) {
      count(event.subject(), event.eventName(), 1);
      note(event);
      events.publish(event);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a new stretch only costs a look-up
    public void publishAll(List<? extends IntegrityEvent> all) {
      Subject subject = null;
      String name = null;
      int same = 0;
      for (int i = 0; i < all.size(); i++) {
        IntegrityEvent event = all.get(i);
        if (same > 0 && (event.subject() != subject || event.eventName() != name)) {
          count(subject, name, same);
          same = 0;
        }
        subject = event.subject();
        name = event.eventName();
        same++;
        note(event);
      }
      if (same > 0) {
        count(subject, name, same);
      }
      events.publishAll(all);
    }

    private void count(Subject subject, String event, int number) {
      totals(subject).add(event, number);
    }

    private void note(IntegrityEvent event) {
      if (event instanceof EventsLost lost) {
        totals(lost.subject()).lastLoss = lost;
      }
    }
  }
}

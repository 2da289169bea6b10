package dev.custos.agent.metrics;

import com.codahale.metrics.Counter;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts a backend's events on their way. Neighbours of one kind are counted together: a read from
 * the kernel mostly brings many of the same.
 */
final class CountedEvents implements EventPublisher {
  private final AgentMetrics metrics;
  private final String backend;
  private final EventPublisher events;
  // By the events' own constant names: a look-up allocates nothing.
  private final Map<String, Counter> byName = new ConcurrentHashMap<>();
  private final Map<AccessDecided.Response, Counter> byResponse = new ConcurrentHashMap<>();

  CountedEvents(AgentMetrics metrics, String backend, EventPublisher events) {
    this.metrics = metrics;
    this.backend = backend;
    this.events = events;
  }

  @Override
  public void publish(IntegrityEvent event) {
    count(event.eventName(), 1);
    details(event);
    events.publish(event);
  }

  @Override
  public void publishAll(List<? extends IntegrityEvent> all) {
    String last = null;
    int same = 0;
    for (int i = 0; i < all.size(); i++) {
      IntegrityEvent event = all.get(i);
      String name = event.eventName();
      if (last != null && !name.equals(last)) {
        count(last, same);
        same = 0;
      }
      last = name;
      same++;
      details(event);
    }
    if (last != null) {
      count(last, same);
    }
    events.publishAll(all);
  }

  private void count(String name, int number) {
    Counter counter = byName.get(name);
    if (counter == null) {
      counter = metrics.counter(Figure.EVENTS, backend, name.toLowerCase(Locale.ROOT));
      byName.put(name, counter);
    }
    counter.inc(number);
  }

  private void details(IntegrityEvent event) {
    if (event instanceof AccessDecided decided) {
      Counter counter = byResponse.get(decided.response());
      if (counter == null) {
        String response = decided.response().name().toLowerCase(Locale.ROOT);
        counter = metrics.counter(Figure.DECISIONS, backend, response);
        byResponse.put(decided.response(), counter);
      }
      counter.inc();
    } else if (event instanceof EventsLost lost) {
      metrics.counter(Figure.LOSSES, backend, lost.reason().text()).inc();
      metrics
          .counter(Figure.EVENTS_LOST, backend, lost.reason().text())
          .inc(lost.count().orElse(0));
    }
  }
}

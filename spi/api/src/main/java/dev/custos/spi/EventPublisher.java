package dev.custos.spi;

import dev.custos.spi.event.IntegrityEvent;
import java.util.List;

/**
 * Takes events. Thread-safe, never throws, never waits for a sink. What it can't take, the host
 * counts and reports as {@link dev.custos.spi.event.EventsLost}: a backend needs no handling of its
 * own.
 *
 * <p>Where a sink has a spool, a call returns once the events are in its file: should the agent be
 * killed, what was published is not missing, so a backend should publish what one read brought
 * before it reads again. That takes a fifth of a second at most, and only once if a disk stalls;
 * what must not wait even so long, such as a guard's answer, comes before the call.
 */
public interface EventPublisher {
  void publish(IntegrityEvent event);

  /**
   * Takes what one read brought, in this order and without others in between. Dearer calls are made
   * once for all of them. The list may be used again afterwards.
   */
  void publishAll(List<? extends IntegrityEvent> events);
}

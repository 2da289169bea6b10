package dev.custos.spi;

import dev.custos.spi.event.IntegrityEvent;
import java.util.List;

/**
 * Takes events. Thread-safe, never blocks, never throws. What it can't take, the host counts and
 * reports as {@link dev.custos.spi.event.EventsLost}: a backend needs no handling of its own.
 */
public interface EventPublisher {
  void publish(IntegrityEvent event);

  /**
   * Takes what one read brought, in this order and without others in between. Dearer calls are made
   * once for all of them. The list may be used again afterwards.
   */
  void publishAll(List<? extends IntegrityEvent> events);
}

package dev.custos.testkit;

import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Keeps every event, in the order in which it was published. Thread-safe. */
public final class RecordingPublisher implements EventPublisher {
  private final Recording<IntegrityEvent> recording = new Recording<>();

  @Override
  public void publish(IntegrityEvent event) {
    recording.add(event);
  }

  @Override
  public void publishAll(List<? extends IntegrityEvent> events) {
    recording.addAll(events);
  }

  /** What came up to now. */
  public List<IntegrityEvent> events() {
    return recording.snapshot();
  }

  /** What came for one subject up to now. */
  public List<IntegrityEvent> eventsOf(Subject subject) {
    return events().stream().filter(e -> e.subject().equals(subject)).toList();
  }

  /** Forgets what came up to now. */
  public void clear() {
    recording.clear();
  }

  /**
   * The first event that matches; waits for it if it has not come yet.
   *
   * @throws AssertionError if none came in time; the message lists what did come
   */
  public IntegrityEvent awaitEvent(Predicate<? super IntegrityEvent> wanted, Duration atMost) {
    return recording.awaitItem(wanted, atMost, EventText::of);
  }

  /**
   * Waits until all that came satisfies {@code enough} and returns it.
   *
   * @param promise what is waited for, for the message
   * @throws AssertionError if that did not happen in time; the message lists what did come
   */
  public List<IntegrityEvent> awaitEvents(
      String promise, Predicate<List<IntegrityEvent>> enough, Duration atMost) {
    return recording.awaitAll(
        all -> enough.test(all) ? Optional.of(all) : Optional.empty(),
        atMost,
        "not within " + atMost + ": " + promise,
        EventText::of);
  }
}

package dev.custos.agent.pipeline;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.time.Instant;
import java.util.Arrays;

/**
 * The events that wait for one sink, in a ring that grows up to its capacity. What does not fit is
 * counted, and one {@link EventsLost} takes its place in the order: its sequence number is that of
 * the first event it stands for, so that it and its count account for the whole gap.
 *
 * <p>Guarded by the pipeline's lock.
 */
final class SinkQueue {
  private static final int INITIAL = 1024;

  private final String sink;
  private final Origin agent;
  private int capacity;
  private String spoolTrouble = "";
  private IntegrityEvent[] events;
  private long[] sequences;
  private int head;
  private int size;

  private long lost;
  private long firstLost;
  private Instant lostFrom;
  private Instant lostTo;

  SinkQueue(String sink, Origin agent, int capacity) {
    this.sink = sink;
    this.agent = agent;
    this.capacity = capacity;
    this.events = new IntegrityEvent[Math.min(INITIAL, capacity)];
    this.sequences = new long[events.length];
  }

  int size() {
    return size;
  }

  /** Events that have no {@link EventsLost} in the queue yet. */
  long pendingLoss() {
    return lost;
  }

  boolean isEmpty() {
    return size == 0 && lost == 0;
  }

  void setCapacity(int events) {
    capacity = events;
  }

  /** Why events wait here rather than in a spool, for the report of those that don't fit. */
  void setSpoolTrouble(String reason) {
    spoolTrouble = reason;
  }

  /** When what waits first happened; null if nothing waits. */
  Instant oldest() {
    return size > 0 ? events[head].time() : lost > 0 ? lostFrom : null;
  }

  /** When what waits last happened; null if nothing waits. */
  Instant newest() {
    return lost > 0 ? lostTo : size > 0 ? events[index(size - 1)].time() : null;
  }

  /** The number of what comes first; 0 if nothing waits. */
  long firstSequence() {
    return size > 0 ? sequences[head] : lost > 0 ? firstLost : 0;
  }

  /** Puts back what was drained last and could not be spooled, beyond the capacity if need be. */
  void putBack(EventBatch batch, int from, int to) {
    while (events.length < size + to - from) {
      grow(Math.max(events.length * 2, size + to - from));
    }
    for (int i = to - 1; i >= from; i--) {
      head = head == 0 ? events.length - 1 : head - 1;
      events[head] = batch.event(i);
      sequences[head] = batch.sequence(i);
      size++;
    }
  }

  /** Takes an event. Returns false if it is lost. */
  boolean offer(IntegrityEvent event, long sequence) {
    if (lost > 0) {
      if (size + 2 > capacity) {
        lostTo = event.time();
        lost++;
        return false;
      }
      closeGap();
    } else if (size >= capacity) {
      lost = 1;
      firstLost = sequence;
      lostFrom = event.time();
      lostTo = lostFrom;
      return false;
    }
    put(event, sequence);
    return true;
  }

  /** Moves up to {@code max} events, the oldest first, to the start of the batch. */
  int drainTo(EventBatch batch, int max) {
    if (lost > 0 && size < capacity && size < max) {
      // Nothing came after the gap so far: it is told now rather than with the next event.
      closeGap();
    }
    int n = Math.min(size, max);
    int mask = events.length;
    for (int i = 0; i < n; i++) {
      batch.set(i, events[head], sequences[head]);
      events[head] = null;
      head = head + 1 == mask ? 0 : head + 1;
    }
    size -= n;
    return n;
  }

  /** Forgets everything and returns how many events that were. */
  long clear() {
    long n = size + lost;
    Arrays.fill(events, null);
    head = 0;
    size = 0;
    lost = 0;
    return n;
  }

  private void closeGap() {
    put(
        EventsLost.builder(Subject.ofAgent(), agent)
            .time(lostTo)
            .reason(LossReason.SINK_QUEUE_FULL)
            .count(lost)
            .from(lostFrom)
            .to(lostTo)
            .detail("sink " + sink + " did not keep up" + spoolTrouble)
            .build(),
        firstLost);
    lost = 0;
  }

  private void put(IntegrityEvent event, long sequence) {
    if (size == events.length) {
      grow(Math.max(size + 1, Math.min(capacity, events.length * 2)));
    }
    int tail = index(size);
    events[tail] = event;
    sequences[tail] = sequence;
    size++;
  }

  private int index(int place) {
    int at = head + place;
    return at >= events.length ? at - events.length : at;
  }

  private void grow(int length) {
    IntegrityEvent[] more = new IntegrityEvent[length];
    long[] moreSequences = new long[length];
    int first = events.length - head;
    System.arraycopy(events, head, more, 0, first);
    System.arraycopy(events, 0, more, first, head);
    System.arraycopy(sequences, head, moreSequences, 0, first);
    System.arraycopy(sequences, 0, moreSequences, first, head);
    events = more;
    sequences = moreSequences;
    head = 0;
  }
}

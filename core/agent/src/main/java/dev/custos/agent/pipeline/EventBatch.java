package dev.custos.agent.pipeline;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.sink.RenderedEvent;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/**
 * The events of one write, and the list of them that the sink sees. The elements are used again for
 * each batch: nothing is allocated per event. Belongs to one worker's thread.
 */
final class EventBatch extends AbstractList<RenderedEvent> implements RandomAccess {
  private final String runId;
  private final LineFormats.Renderer renderer;
  private final int capacity;
  private Element[] elements = new Element[0];
  private int offset;
  private int end;

  EventBatch(String runId, LineFormats.Renderer renderer, int capacity) {
    this.runId = runId;
    this.renderer = renderer;
    this.capacity = capacity;
  }

  int capacity() {
    return capacity;
  }

  void set(int index, IntegrityEvent event, long sequence) {
    if (index >= elements.length) {
      int old = elements.length;
      elements = Arrays.copyOf(elements, Math.min(capacity, Math.max(64, index * 2)));
      for (int i = old; i < elements.length; i++) {
        elements[i] = new Element();
      }
    }
    elements[index].event = event;
    elements[index].sequence = sequence;
  }

  /** Shows the elements from {@code from} to {@code to} as the list. */
  void window(int from, int to) {
    offset = from;
    end = to;
  }

  /** Lets go of the events, so that an idle worker holds none. */
  void release(int count) {
    for (int i = 0; i < count; i++) {
      elements[i].event = null;
    }
  }

  /** Takes over what is left of another's window. Only for a batch whose worker was abandoned. */
  int takeFrom(EventBatch other) {
    int n = other.end - other.offset;
    for (int i = 0; i < n; i++) {
      Element element = other.elements[other.offset + i];
      set(i, element.event, element.sequence);
    }
    return n;
  }

  @Override
  public RenderedEvent get(int index) {
    if (index < 0 || index >= end - offset) {
      throw new IndexOutOfBoundsException(index);
    }
    return elements[offset + index];
  }

  @Override
  public int size() {
    return end - offset;
  }

  private final class Element implements RenderedEvent {
    private IntegrityEvent event;
    private long sequence;

    @Override
    public IntegrityEvent event() {
      return event;
    }

    @Override
    public String runId() {
      return runId;
    }

    @Override
    public long sequence() {
      return sequence;
    }

    @Override
    public String key() {
      // A gap of this sink bears the number of its first event, which other sinks may have got.
      boolean gap = event instanceof EventsLost lost && lost.reason() == LossReason.SINK_QUEUE_FULL;
      return runId + "-" + sequence + (gap ? "-lost" : "");
    }

    @Override
    public byte[] line() {
      return renderer.line(event, sequence);
    }
  }
}

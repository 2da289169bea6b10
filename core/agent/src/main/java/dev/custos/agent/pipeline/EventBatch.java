package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolReader;
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
  private Element[] elements = new Element[0];
  // What lines from a spool lie in. A batch never shares it: an abandoned sink may still read it.
  private byte[] bytes = new byte[0];
  private int offset;
  private int end;

  EventBatch(String runId, LineFormats.Renderer renderer) {
    this.runId = runId;
    this.renderer = renderer;
  }

  void set(int index, IntegrityEvent event, long sequence) {
    Element element = element(index);
    element.event = event;
    element.sequence = sequence;
    element.runId = runId;
    element.line = null;
    element.gap = false;
    element.mark = null;
  }

  /** An event of a spool, whose line lies in {@link #buffer} unless its length is negative. */
  void set(
      int index,
      IntegrityEvent event,
      String itsRun,
      SpoolReader.Mark mark,
      boolean gap,
      int lineStart,
      int lineLength) {
    Element element = element(index);
    element.event = event;
    element.sequence = mark.sequence();
    element.runId = itsRun;
    element.line = lineLength < 0 ? null : bytes;
    element.lineStart = lineStart;
    element.lineLength = lineLength;
    element.gap = gap;
    element.mark = mark;
  }

  private Element element(int index) {
    if (index >= elements.length) {
      int old = elements.length;
      elements = Arrays.copyOf(elements, Math.max(64, index * 2));
      for (int i = old; i < elements.length; i++) {
        elements[i] = new Element();
      }
    }
    return elements[index];
  }

  byte[] buffer(int size) {
    if (bytes.length < size) {
      bytes = new byte[size];
    }
    return bytes;
  }

  /** Where the event at {@code index}, of all, stands in its spool; null if in none. */
  SpoolReader.Mark mark(int index) {
    return elements[index].mark;
  }

  IntegrityEvent event(int index) {
    return elements[index].event;
  }

  long sequence(int index) {
    return elements[index].sequence;
  }

  byte[] line(int index) {
    return elements[index].line();
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
      element(i).copy(other.elements[other.offset + i]);
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
    private String runId;
    private boolean gap;
    private byte[] line;
    private int lineStart;
    private int lineLength;
    private SpoolReader.Mark mark;

    private void copy(Element other) {
      event = other.event;
      sequence = other.sequence;
      runId = other.runId;
      gap = other.gap;
      line = other.line;
      lineStart = other.lineStart;
      lineLength = other.lineLength;
      mark = other.mark;
    }

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
      return runId + "-" + sequence + (gap || isQueueGap(event) ? "-lost" : "");
    }

    @Override
    public byte[] line() {
      return line == null
          ? renderer.line(event, sequence)
          : Arrays.copyOfRange(line, lineStart, lineStart + lineLength);
    }
  }

  /** Whether an event is what a queue says of itself. */
  static boolean isQueueGap(IntegrityEvent event) {
    return event instanceof EventsLost lost && lost.reason() == LossReason.SINK_QUEUE_FULL;
  }
}

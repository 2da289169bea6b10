package dev.custos.sinks.http;

import dev.custos.spi.sink.RenderedEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/**
 * Cuts a batch into requests: by count, by bytes, and by what a server has called too large.
 *
 * <p>A request that has to be repeated is cut in the same place as before, so that its {@code
 * Idempotency-Key} stands for the same events.
 */
final class Requests {
  /**
   * The events of one request.
   *
   * @param from the place in the batch of the first event that was looked at
   * @param to the place after the last one
   * @param events those of them that are sent
   */
  record Part(int from, int to, List<RenderedEvent> events) {
    Part {
      events = Collections.unmodifiableList(events);
    }

    /** Whether all that was looked at is sent. */
    boolean isWhole() {
      return events.size() == to - from;
    }

    /**
     * Run id and range: {@code RUN-17..42}; with the count if there are holes, because the same
     * range without them is another request.
     */
    String idempotencyKey() {
      RenderedEvent first = events.get(0);
      RenderedEvent last = events.get(events.size() - 1);
      String end = last.key();
      if (last.runId().equals(first.runId()) && end.startsWith(last.runId() + "-")) {
        end = end.substring(last.runId().length() + 1);
      }
      return first.key() + ".." + end + (isWhole() ? "" : "/" + events.size());
    }
  }

  private final Encoding encoding;
  private final int mostEvents;
  private final int mostBytes;
  // Less than mostBytes once a server called a body too large. A single event is always tried.
  private int learntBytes;
  // What was sent last and has to be repeated, if anything.
  private String repeatedKey;
  private int repeatedCount;

  Requests(Encoding encoding, HttpSettings settings) {
    this.encoding = encoding;
    this.mostEvents = settings.maxRequestEvents();
    this.mostBytes = settings.maxRequestBytes();
    this.learntBytes = mostBytes;
  }

  Encoding encoding() {
    return encoding;
  }

  /**
   * Renders as many events as one request takes.
   *
   * @param skipped events that are dealt with already
   * @return a part without events if the first that was looked at is too large, or all are skipped
   */
  Part next(List<RenderedEvent> batch, int from, Predicate<RenderedEvent> skipped) {
    encoding.clear();
    List<RenderedEvent> events = new ArrayList<>(Math.min(mostEvents, batch.size() - from));
    boolean repeats = false;
    int most = mostEvents;
    int at = from;
    while (at < batch.size() && events.size() < most) {
      RenderedEvent event = batch.get(at);
      if (skipped.test(event)) {
        at++;
        continue;
      }
      if (events.isEmpty() && event.key().equals(repeatedKey)) {
        repeats = true;
        most = Math.min(most, repeatedCount);
      }
      int bytes = encoding.add(event);
      boolean tooLarge = events.isEmpty() ? bytes > mostBytes : !repeats && bytes > learntBytes;
      if (tooLarge) {
        encoding.undo();
        break;
      }
      events.add(event);
      at++;
    }
    return new Part(from, at, events);
  }

  /** The part may or may not have arrived, and comes again as it was. */
  void repeat(Part part) {
    repeatedKey = part.events().get(0).key();
    repeatedCount = part.events().size();
  }

  /** What became of the part is known. */
  void settled() {
    repeatedKey = null;
  }

  /** A body of this many bytes was too large. */
  void tooLarge(int bytes) {
    repeatedKey = null;
    learntBytes = Math.max(1, bytes / 2);
  }

  int mostBytes() {
    return mostBytes;
  }
}

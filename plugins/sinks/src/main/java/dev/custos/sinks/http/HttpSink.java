package dev.custos.sinks.http;

import dev.custos.sinks.http.Requests.Part;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Posts events, a request after the other.
 *
 * <p>The host knows how many events from a batch's start on are dealt with, and no more. If a
 * server takes some events and wants others again, the sink remembers what became of each until the
 * host offers it again: what was taken is not sent twice, and what was refused is told when the
 * events before it are done.
 */
final class HttpSink implements Sink {
  /** How long events wait that a server wants later, if it does not say when. */
  private static final Duration ITEM_PAUSE = Duration.ofSeconds(1);

  private final Requests requests;
  private final Receiver receiver;
  private final Judge judge;
  private final DeadLetters deadLetters;
  private final long patience;
  // What became of events that the host will offer again, by key: a refusal, or nothing for those
  // that were taken.
  private final Map<String, Optional<Refusal>> settled = new HashMap<>();
  // The event that the host will offer first, if any is settled.
  private String expected;

  HttpSink(
      Requests requests,
      Receiver receiver,
      Judge judge,
      DeadLetters deadLetters,
      HttpSettings settings) {
    this.requests = requests;
    this.receiver = receiver;
    this.judge = judge;
    this.deadLetters = deadLetters;
    this.patience = settings.requestTimeout().toNanos();
  }

  /** Why an event was refused, and whether it is in the dead-letter file. */
  private record Refusal(String reason, boolean kept) {}

  /** A batch on its way. */
  private static final class Progress {
    private final List<RenderedEvent> batch;
    private final List<WriteResult.Rejection> rejected = new ArrayList<>();
    private int done;

    Progress(List<RenderedEvent> batch) {
      this.batch = batch;
    }

    WriteResult result(Optional<Duration> after) {
      return new WriteResult(done, rejected, after);
    }
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    if (!settled.isEmpty() && !batch.get(0).key().equals(expected)) {
      // The host gave up what it had: nobody will ask for these.
      settled.clear();
    }
    Progress progress = new Progress(batch);
    long began = System.nanoTime();
    while (progress.done < batch.size()) {
      // What is left comes again at once; the host must not take a slow server for a stuck sink.
      boolean some = progress.done > 0 || !settled.isEmpty();
      if (some && System.nanoTime() - began > patience) {
        remember(progress);
        return progress.result(progress.done > 0 ? Optional.empty() : Optional.of(Duration.ZERO));
      }
      Part part = requests.next(batch, progress.done, e -> settled.containsKey(e.key()));
      if (part.events().isEmpty()) {
        if (part.to() == progress.done) {
          refuseTooLarge(batch.get(part.to()));
        }
        advance(progress);
        continue;
      }
      Optional<WriteResult> end = send(progress, part);
      if (end.isPresent()) {
        return end.get();
      }
    }
    return progress.result(Optional.empty());
  }

  private void refuseTooLarge(RenderedEvent event) {
    String reason = "larger than max-request-bytes, " + requests.mostBytes() + " bytes";
    refuse(List.of(event), Optional.empty(), List.of(reason));
  }

  /** Sends a part. Returns the end of the write if nothing more can be sent now. */
  private Optional<WriteResult> send(Progress progress, Part part) throws SinkException {
    JsonBuffer body = requests.encoding().body();
    Answer answer;
    try {
      answer = receiver.post(requests.encoding(), body, part.idempotencyKey());
    } catch (SinkException e) {
      requests.repeat(part);
      remember(progress);
      if (progress.done > 0) {
        // Whatever is wrong shows again with the events that are left.
        return Optional.of(progress.result(Optional.empty()));
      }
      throw e;
    }
    return settle(progress, part, answer, body.length());
  }

  private Optional<WriteResult> settle(Progress progress, Part part, Answer answer, int bytes)
      throws SinkException {
    Verdict verdict = judge.of(answer, part.events());
    if (verdict instanceof Verdict.Later later) {
      requests.repeat(part);
      return Optional.of(later(progress, later.after(), later.reason()));
    }
    requests.settled();
    if (verdict instanceof Verdict.Accepted) {
      if (part.isWhole()) {
        progress.done = part.to();
      } else {
        part.events().forEach(event -> settled.put(event.key(), Optional.empty()));
      }
    } else if (verdict instanceof Verdict.Refused refused) {
      refuse(part.events(), Optional.of(answer), sameFor(part.events(), refused.reason()));
    } else if (verdict instanceof Verdict.TooLarge tooLarge) {
      if (part.events().size() > 1) {
        requests.tooLarge(bytes);
        return Optional.empty();
      }
      refuse(part.events(), Optional.of(answer), List.of(tooLarge.reason()));
    } else if (verdict instanceof Verdict.ByItem byItem) {
      return settleItems(progress, part, answer, byItem);
    }
    advance(progress);
    return Optional.empty();
  }

  private Optional<WriteResult> settleItems(
      Progress progress, Part part, Answer answer, Verdict.ByItem byItem) throws SinkException {
    List<RenderedEvent> refused = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    Optional<String> wanted = Optional.empty();
    for (int i = 0; i < part.events().size(); i++) {
      Verdict.Item item = byItem.items().get(i);
      RenderedEvent event = part.events().get(i);
      switch (item.state()) {
        case ACCEPTED -> settled.put(event.key(), Optional.empty());
        case REFUSED -> {
          refused.add(event);
          reasons.add(item.reason());
        }
        case LATER -> wanted = wanted.isEmpty() ? Optional.of(item.reason()) : wanted;
      }
    }
    refuse(refused, Optional.of(answer), reasons);
    advance(progress);
    if (wanted.isEmpty() || byItem.after().equals(Optional.of(Duration.ZERO))) {
      return Optional.empty();
    }
    Duration pause = byItem.after().orElse(ITEM_PAUSE);
    // Some progress, and so no failure: but the rest is not to come at once.
    boolean stuck = progress.done == 0 && byItem.after().isEmpty();
    return Optional.of(
        later(progress, stuck ? Optional.empty() : Optional.of(pause), wanted.get()));
  }

  /** The end of a write that a server wants the rest of later. */
  private WriteResult later(Progress progress, Optional<Duration> after, String reason)
      throws SinkException {
    remember(progress);
    if (progress.done == 0 && after.isEmpty()) {
      throw SinkException.temporary("POST " + receiver.place() + ": " + reason, null);
    }
    return progress.result(after);
  }

  private void remember(Progress progress) {
    expected = settled.isEmpty() ? null : progress.batch.get(progress.done).key();
  }

  private static List<String> sameFor(List<RenderedEvent> events, String reason) {
    return Collections.nCopies(events.size(), reason);
  }

  /** Puts events into the dead-letter file, and remembers why. */
  private void refuse(List<RenderedEvent> events, Optional<Answer> answer, List<String> reasons) {
    if (events.isEmpty()) {
      return;
    }
    Optional<String> fault = deadLetters.add(events, answer, reasons);
    String rest = fault.map(f -> "; not in the dead-letter file: " + f).orElse("");
    for (int i = 0; i < events.size(); i++) {
      Refusal refusal = new Refusal(reasons.get(i) + rest, fault.isEmpty());
      settled.put(events.get(i).key(), Optional.of(refusal));
    }
  }

  /** Counts what is settled from the first event on that is not done. */
  private void advance(Progress progress) {
    while (!settled.isEmpty() && progress.done < progress.batch.size()) {
      Optional<Refusal> end = settled.remove(progress.batch.get(progress.done).key());
      if (end == null) {
        return;
      }
      int index = progress.done++;
      end.ifPresent(
          r -> progress.rejected.add(new WriteResult.Rejection(index, r.reason(), r.kept())));
    }
  }

  @Override
  public void close() {
    receiver.close();
  }
}

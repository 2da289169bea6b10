package dev.custos.sinks.http;

import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.sink.RenderedEvent;
import java.util.List;

/** The body that a server's API asks for, and what the server's answers mean. */
interface Encoding {
  String contentType();

  /** Where the API is if the address names no path. */
  String defaultPath();

  /** Begins a new body. */
  void clear();

  /**
   * Adds an event.
   *
   * @return how many bytes the body would have if nothing more came
   */
  int add(RenderedEvent event);

  /** Takes back the event that was added last. Not twice in a row. */
  void undo();

  /** The body; good until the next {@link #clear}. At least one event was added. */
  JsonBuffer body();

  /** What a success (2xx) means for these events. */
  default Verdict accepted(Answer answer, List<RenderedEvent> sent) {
    return new Verdict.Accepted();
  }

  /** What a refusal (4xx) means for these events, if it says nothing that is the same for all. */
  default Verdict refused(Answer answer, List<RenderedEvent> sent) {
    return new Verdict.Refused(answer.summary());
  }
}

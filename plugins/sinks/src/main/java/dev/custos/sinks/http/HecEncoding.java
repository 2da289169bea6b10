package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splunk's HTTP Event Collector, {@code /services/collector/event}: objects one after another, each
 * with the event and what Splunk is to know about it.
 */
final class HecEncoding implements Encoding {
  private static final int SUCCESS = 0;

  /** What Splunk is told about each event. */
  record Metadata(String source, String sourcetype, Optional<String> index) {}

  private final JsonBuffer out = new JsonBuffer(16 * 1024);
  private final EventJson json = new EventJson(out);
  private final byte[] metadata;
  private int before;

  HecEncoding(Metadata told) {
    JsonBuffer text = new JsonBuffer(64).raw(",\"source\":").string(told.source());
    text.raw(",\"sourcetype\":").string(told.sourcetype());
    told.index().ifPresent(name -> text.raw(",\"index\":").string(name));
    metadata = text.raw(",\"fields\":{\"custos_id\":").toByteArray();
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public String defaultPath() {
    return "/services/collector/event";
  }

  @Override
  public void clear() {
    out.truncate(0);
  }

  @Override
  public int add(RenderedEvent event) {
    before = out.length();
    Instant time = event.event().time();
    int millis = time.getNano() / 1_000_000;
    out.raw("{\"time\":").number(time.getEpochSecond()).raw('.');
    out.raw((char) ('0' + millis / 100))
        .raw((char) ('0' + millis / 10 % 10))
        .raw((char) ('0' + millis % 10));
    out.raw(",\"host\":").string(event.event().origin().node());
    out.raw(metadata).string(event.key()).raw("},\"event\":");
    json.append(event);
    out.truncate(out.length() - 1);
    out.raw("}\n");
    return out.length();
  }

  @Override
  public void undo() {
    out.truncate(before);
  }

  @Override
  public JsonBuffer body() {
    return out;
  }

  /** {@code {"text":"Invalid data format","code":6,"invalid-event-number":3}}. */
  private record Reply(int code, String text, int invalidEvent) {
    static Optional<Reply> of(byte[] body) {
      int code = -1;
      int invalid = -1;
      String text = "";
      try {
        JsonReader reader = new JsonReader(body);
        reader.take('{');
        while (reader.more('}')) {
          String name = reader.name();
          if (name.equals("code")) {
            code = reader.number();
          } else if (name.equals("invalid-event-number")) {
            invalid = reader.number();
          } else if (name.equals("text") && reader.peek() == '"') {
            text = reader.string();
          } else {
            reader.skip();
          }
        }
      } catch (JsonReader.Malformed e) {
        // A proxy's page, perhaps: the status has to do.
        return Optional.empty();
      }
      return Optional.of(new Reply(code, text, invalid));
    }
  }

  @Override
  public Verdict accepted(Answer answer, List<RenderedEvent> sent) {
    Optional<Reply> reply = Reply.of(answer.body());
    if (reply.isPresent() && reply.get().code() > SUCCESS) {
      return new Verdict.Later(Optional.empty(), answer.summary());
    }
    return new Verdict.Accepted();
  }

  /**
   * The server names the one event that it stumbled over. Whether it kept those before is not
   * documented: they are sent again, with the ids that they had.
   */
  @Override
  public Verdict refused(Answer answer, List<RenderedEvent> sent) {
    Optional<Reply> reply = Reply.of(answer.body());
    int invalid = reply.map(Reply::invalidEvent).orElse(-1);
    if (invalid < 0 || invalid >= sent.size() || sent.size() == 1) {
      return new Verdict.Refused(answer.summary());
    }
    String reason = answer.status() + ": " + Printable.escape(reply.get().text());
    List<Verdict.Item> items = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      items.add(
          i == invalid
              ? Verdict.Item.refused(reason)
              : Verdict.Item.later("sent with an event that was refused"));
    }
    return new Verdict.ByItem(items, Optional.of(Duration.ZERO));
  }
}

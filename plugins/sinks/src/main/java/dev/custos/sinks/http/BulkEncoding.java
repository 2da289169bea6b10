package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The {@code _bulk} API of Elasticsearch and OpenSearch: a line that says what to do, and a line
 * with the document.
 *
 * <p>The action is {@code create}, which is the only one that data streams take, and the document's
 * id is the event's key: what is sent again, because an answer was lost, is there already. The
 * server then says so with the status 409, which here is a success.
 */
final class BulkEncoding implements Encoding {
  private static final int CONFLICT = 409;
  private static final int TOO_MANY_REQUESTS = 429;

  private final JsonBuffer out = new JsonBuffer(16 * 1024);
  private final EventJson json = new EventJson(out);
  private final byte[] action;
  private int before;

  /** Makes it, for an index or data stream by this name, or the one in the address. */
  BulkEncoding(Optional<String> index) {
    JsonBuffer text = new JsonBuffer(64).raw("{\"create\":{");
    index.ifPresent(name -> text.raw("\"_index\":").string(name).raw(','));
    action = text.raw("\"_id\":").toByteArray();
  }

  @Override
  public String contentType() {
    return "application/x-ndjson";
  }

  @Override
  public String defaultPath() {
    return "/_bulk";
  }

  @Override
  public void clear() {
    out.truncate(0);
  }

  @Override
  public int add(RenderedEvent event) {
    before = out.length();
    out.raw(action).string(event.key()).raw("}}\n");
    json.append(event);
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

  @Override
  public Verdict accepted(Answer answer, List<RenderedEvent> sent) {
    if (!answer.whole()) {
      return unclear("the answer is too long; lower max-request-events");
    }
    List<Verdict.Item> items = new ArrayList<>();
    boolean errors = true;
    try {
      JsonReader reader = new JsonReader(answer.body());
      reader.take('{');
      while (reader.more('}')) {
        switch (reader.name()) {
          case "errors" -> errors = reader.isTrue();
          case "items" -> items(reader, items, sent.size());
          default -> reader.skip();
        }
      }
    } catch (JsonReader.Malformed e) {
      return unclear("the answer is no answer of _bulk: " + e.getMessage());
    }
    if (!errors) {
      return new Verdict.Accepted();
    }
    if (items.size() != sent.size()) {
      return unclear("the answer tells of other events than were sent");
    }
    return new Verdict.ByItem(items, Optional.empty());
  }

  /** The ids make it harmless to send everything again. */
  private static Verdict unclear(String reason) {
    return new Verdict.Later(Optional.empty(), reason);
  }

  private static void items(JsonReader reader, List<Verdict.Item> items, int most)
      throws JsonReader.Malformed {
    reader.take('[');
    while (reader.more(']')) {
      Verdict.Item item = item(reader);
      // One too many is enough to know that something is wrong.
      if (items.size() <= most) {
        items.add(item);
      }
    }
  }

  /** {@code {"create":{"status":400,"error":{"type":"...","reason":"..."}}}}. */
  private static Verdict.Item item(JsonReader reader) throws JsonReader.Malformed {
    int status = -1;
    StringBuilder error = new StringBuilder();
    reader.take('{');
    while (reader.more('}')) {
      reader.name();
      reader.take('{');
      while (reader.more('}')) {
        switch (reader.name()) {
          case "status" -> status = reader.number();
          case "error" -> error(reader, error);
          default -> reader.skip();
        }
      }
    }
    String reason = Printable.escape(status + (error.isEmpty() ? "" : ": " + error));
    if ((status >= 200 && status < 300) || status == CONFLICT) {
      return Verdict.Item.ACCEPTED;
    }
    boolean forever = status >= 400 && status < 500 && status != TOO_MANY_REQUESTS;
    return forever ? Verdict.Item.refused(reason) : Verdict.Item.later(reason);
  }

  /** An object with type and reason; a text from old servers. */
  private static void error(JsonReader reader, StringBuilder error) throws JsonReader.Malformed {
    if (reader.peek() == '"') {
      error.append(reader.string());
      return;
    }
    if (reader.peek() != '{') {
      reader.skip();
      return;
    }
    reader.take('{');
    while (reader.more('}')) {
      String name = reader.name();
      boolean told = name.equals("type") || name.equals("reason");
      if (told && reader.peek() == '"') {
        error.append(error.isEmpty() ? "" : ": ").append(reader.string());
      } else {
        reader.skip();
      }
    }
  }
}

package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.sink.RenderedEvent;

/** One array of all events: {@code application/json}. */
final class JsonArray implements Encoding {
  private final JsonBuffer out = new JsonBuffer(16 * 1024);
  private final EventJson json = new EventJson(out);
  private int before;

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public String defaultPath() {
    return "/";
  }

  @Override
  public void clear() {
    out.truncate(0);
    out.raw('[');
  }

  @Override
  public int add(RenderedEvent event) {
    before = out.length();
    if (before > 1) {
      out.raw(',').raw('\n');
    }
    json.append(event);
    // Without the line end that the object brings.
    out.truncate(out.length() - 1);
    return out.length() + 1;
  }

  @Override
  public void undo() {
    out.truncate(before);
  }

  @Override
  public JsonBuffer body() {
    return out.raw(']');
  }
}

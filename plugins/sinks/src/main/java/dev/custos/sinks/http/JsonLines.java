package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.sink.RenderedEvent;

/** An object per line: {@code application/x-ndjson}. */
final class JsonLines implements Encoding {
  private final JsonBuffer out = new JsonBuffer(16 * 1024);
  private final EventJson json = new EventJson(out);
  private int before;

  @Override
  public String contentType() {
    return "application/x-ndjson";
  }

  @Override
  public String defaultPath() {
    return "/";
  }

  @Override
  public void clear() {
    out.truncate(0);
  }

  @Override
  public int add(RenderedEvent event) {
    before = out.length();
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
}

package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.Origin;
import dev.custos.spi.sink.RenderedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Loki's push API, {@code /loki/api/v1/push}: events in streams, a stream for each set of labels,
 * an event as its time in nanoseconds and its line.
 *
 * <p>Of a batch in which some events are too old or out of order, Loki keeps the others and refuses
 * the batch, naming some of what it refused and not all: the whole batch counts as refused.
 */
final class LokiEncoding implements Encoding {
  private static final byte[] START = "{\"streams\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

  /** What of an event may be a label: little that changes, as each set of labels is a stream. */
  private static final Map<String, Function<RenderedEvent, String>> FIELDS =
      Map.of(
          "node", event -> event.event().origin().node(),
          "namespace", event -> event.event().origin().namespace(),
          "pod", event -> pod(event.event().origin()),
          "container", event -> event.event().origin().container(),
          "event", event -> event.event().eventName());

  private static String pod(Origin origin) {
    return origin.isInPod() ? origin.pod() : "";
  }

  /** The names that {@code loki.fields} takes. */
  static String[] fieldNames() {
    return FIELDS.keySet().stream().sorted().toArray(String[]::new);
  }

  private final JsonBuffer out = new JsonBuffer(16 * 1024);
  private final JsonBuffer line = new JsonBuffer(1024);
  private final EventJson json = new EventJson(line);
  private final Map<String, String> fixed;
  private final List<String> fields;
  private final boolean asJson;
  private final Map<String, JsonBuffer> streams = new LinkedHashMap<>();
  // Buffers of streams that were, so that each body does not make new ones.
  private final Deque<JsonBuffer> spare = new ArrayDeque<>();
  private int size;
  // The stream that the last event went to, what it was before, and whether it was there.
  private String lastLabels;
  private int lastLength;
  private boolean lastIsNew;
  // Labels of the origin that came last; most events have the same.
  private Origin knownOrigin;
  private String knownLabels;

  /**
   * Makes it.
   *
   * @param fixed labels that all events have
   * @param fields which of an event's facts are labels
   * @param asJson whether a line is the event as JSON, or as its owner formatted it
   */
  LokiEncoding(Map<String, String> fixed, List<String> fields, boolean asJson) {
    this.fixed = new TreeMap<>(fixed);
    this.fields = List.copyOf(fields);
    this.asJson = asJson;
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public String defaultPath() {
    return "/loki/api/v1/push";
  }

  @Override
  public void clear() {
    for (JsonBuffer stream : streams.values()) {
      spare(stream);
    }
    streams.clear();
    size = START.length + END.length;
  }

  private void spare(JsonBuffer stream) {
    // One that is large, as most events are of one stream; many would hold memory for nothing.
    if (spare.isEmpty() || (spare.size() < 8 && stream.array().length <= 64 * 1024)) {
      stream.truncate(0);
      spare.add(stream);
    }
  }

  @Override
  public int add(RenderedEvent event) {
    lastLabels = labels(event);
    JsonBuffer stream = streams.get(lastLabels);
    lastIsNew = stream == null;
    if (stream == null) {
      stream = spare.isEmpty() ? new JsonBuffer(4096) : spare.pop();
      stream
          .raw("{\"stream\":")
          .raw(lastLabels.getBytes(StandardCharsets.UTF_8))
          .raw(",\"values\":[");
      streams.put(lastLabels, stream);
    }
    lastLength = lastIsNew ? 0 : stream.length();
    if (!lastIsNew) {
      stream.raw(',');
    }
    Instant time = event.event().time();
    stream.raw("[\"");
    nanoseconds(stream, time);
    stream.raw("\",\"");
    line(stream, event);
    stream.raw("\"]");
    // A stream's brackets, and the comma between streams.
    size += stream.length() - lastLength + (lastIsNew ? 3 : 0);
    return size;
  }

  private static void nanoseconds(JsonBuffer stream, Instant time) {
    // A long holds nanoseconds until the year 2262, and Loki takes no other times.
    stream.number(time.getEpochSecond() * 1_000_000_000L + time.getNano());
  }

  /** The line within a JSON string: what it has of quotes and backslashes is escaped once more. */
  private void line(JsonBuffer stream, RenderedEvent event) {
    line.truncate(0);
    if (asJson) {
      json.append(event);
      line.truncate(line.length() - 1);
    } else {
      line.raw(event.line());
    }
    byte[] text = line.array();
    for (int i = 0; i < line.length(); i++) {
      char c = (char) (text[i] & 0xff);
      if (c == '"' || c == '\\') {
        stream.raw('\\');
      }
      stream.raw(c);
    }
  }

  /** The labels as a JSON object. Those of a name that an event lacks are left out. */
  // By identity: events of one target share the object, and equal ones are found one step later.
  @SuppressWarnings("ReferenceEquality")
  private String labels(RenderedEvent event) {
    Origin origin = event.event().origin();
    boolean byOrigin = !fields.contains("event");
    if (byOrigin && origin == knownOrigin) {
      return knownLabels;
    }
    Map<String, String> labels = new TreeMap<>(fixed);
    for (String field : fields) {
      String value = FIELDS.get(field).apply(event);
      if (!value.isEmpty()) {
        labels.putIfAbsent(field, value);
      }
    }
    JsonBuffer text = new JsonBuffer(128);
    char before = '{';
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.raw(before).string(label.getKey()).raw(':').string(label.getValue());
      before = ',';
    }
    text.raw(labels.isEmpty() ? "{}" : "}");
    knownOrigin = origin;
    knownLabels = new String(text.toByteArray(), StandardCharsets.UTF_8);
    return knownLabels;
  }

  @Override
  public void undo() {
    JsonBuffer stream = streams.get(lastLabels);
    size -= stream.length() - lastLength + (lastIsNew ? 3 : 0);
    if (lastIsNew) {
      spare(streams.remove(lastLabels));
    } else {
      stream.truncate(lastLength);
    }
  }

  @Override
  public JsonBuffer body() {
    out.truncate(0);
    out.raw(START);
    boolean first = true;
    for (JsonBuffer stream : streams.values()) {
      if (!first) {
        out.raw(',');
      }
      out.raw(stream.array(), stream.length()).raw("]}");
      first = false;
    }
    return out.raw(END);
  }
}

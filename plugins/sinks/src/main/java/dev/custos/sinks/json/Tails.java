package dev.custos.sinks.json;

import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.util.Arrays;
import java.util.Map;

/**
 * The part of an event's JSON that only depends on who asked and where: host, pod, labels, and the
 * beginning of the {@code custos} object. It is most of the text, and the same for event after
 * event, so it is encoded once and kept.
 *
 * <p>A fixed number of slots, found by identity: agents hand the same objects over with each event,
 * and if they don't, encoding it again is all that happens. Not thread-safe.
 */
final class Tails {
  private static final int SLOTS = 256;

  private static final class Tail {
    private final Subject subject;
    private final Origin origin;
    private final byte[] text;

    Tail(Subject subject, Origin origin, byte[] text) {
      this.subject = subject;
      this.origin = origin;
      this.text = text;
    }

    // By value it would cost more than what it saves.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Subject otherSubject, Origin otherOrigin) {
      return subject == otherSubject && origin == otherOrigin;
    }
  }

  private final Tail[] slots = new Tail[SLOTS];
  private String runId = "";

  byte[] of(Subject subject, Origin origin, String run) {
    if (!run.equals(runId)) {
      Arrays.fill(slots, null);
      runId = run;
    }
    int hash = subject.hashCode() * 31 + System.identityHashCode(origin);
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    Tail tail = slots[slot];
    if (tail == null || !tail.isOf(subject, origin)) {
      tail = new Tail(subject, origin, encode(subject, origin));
      slots[slot] = tail;
    }
    return tail.text;
  }

  /** As the pod's status has it: RUNTIME://ID. */
  private static void container(JsonBuffer out, String id) {
    int end = id.indexOf("://");
    if (end > 0) {
      out.raw(",\"id\":").string(id.substring(end + 3));
      out.raw(",\"runtime\":").string(id.substring(0, end));
    }
  }

  private byte[] encode(Subject subject, Origin origin) {
    JsonBuffer out = new JsonBuffer(512);
    out.raw(",\"host\":{\"name\":").string(origin.node()).raw('}');
    if (origin.isInPod()) {
      out.raw(",\"orchestrator\":{\"type\":\"kubernetes\",\"namespace\":")
          .string(origin.namespace())
          .raw(",\"resource\":{\"type\":\"pod\",\"name\":")
          .string(origin.pod())
          .raw("}}");
    }
    if (!origin.container().isEmpty()) {
      out.raw(",\"container\":{\"name\":").string(origin.container());
      container(out, origin.containerId());
      out.raw('}');
    }
    if (!origin.labels().isEmpty()) {
      out.raw(",\"labels\":");
      object(out, origin.labels());
    }
    out.raw(",\"ecs\":{\"version\":\"8.11.0\"},\"custos\":{\"run\":").string(runId);
    out.raw(",\"subject\":{\"kind\":").string(subject.kind());
    if (!subject.namespace().isEmpty()) {
      out.raw(",\"namespace\":").string(subject.namespace());
    }
    out.raw(",\"name\":").string(subject.name());
    out.raw(",\"index\":").number(subject.index()).raw('}');
    if (!subject.tags().isEmpty()) {
      out.raw(",\"tags\":");
      object(out, subject.tags());
    }
    return Arrays.copyOf(out.array(), out.length());
  }

  static void object(JsonBuffer out, Map<String, String> entries) {
    char before = '{';
    for (Map.Entry<String, String> entry : Dedotted.names(entries).entrySet()) {
      out.raw(before).string(entry.getKey()).raw(':').string(entry.getValue());
      before = ',';
    }
    out.raw('}');
  }
}

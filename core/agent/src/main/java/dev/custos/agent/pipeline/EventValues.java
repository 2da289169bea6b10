package dev.custos.agent.pipeline;

import dev.custos.format.LineBuffer;
import dev.custos.format.Specifier;
import dev.custos.format.Values;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Printable;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalInt;

/**
 * An event's facts as a template asks for them. What subject, origin and second have in common with
 * the event before is not made again. Belongs to one thread.
 */
final class EventValues implements Values {
  /** Whoever asked is not known at all: the kernel told no id. */
  private static final ProcessFacts NOBODY =
      new ProcessFacts(OptionalInt.empty(), OptionalInt.empty(), FilePath.EMPTY, "", "", false);

  private IntegrityEvent event;
  private long sequence;

  private Subject subject;
  private byte[] tags;
  private byte[] watcher;
  private byte[] kind;

  private Origin origin;
  private byte[] node;
  private byte[] namespace;
  private byte[] pod;
  private byte[] container;

  private long second = Long.MIN_VALUE;
  private String secondText;

  @SuppressWarnings("ReferenceEquality") // a miss only costs making them again
  void set(IntegrityEvent newEvent, long newSequence) {
    event = newEvent;
    sequence = newSequence;
    if (newEvent.subject() != subject) {
      subject = newEvent.subject();
      tags = tags(subject.tags());
      watcher = bytes(subject.name());
      kind = bytes(subject.kind());
    }
    if (newEvent.origin() != origin) {
      origin = newEvent.origin();
      node = bytes(origin.node());
      namespace = bytes(origin.namespace());
      pod = bytes(origin.pod());
      container = bytes(origin.container());
    }
  }

  /** Lets go of the event. */
  void clear() {
    event = null;
  }

  @Override
  public void append(Specifier specifier, LineBuffer out) {
    switch (specifier) {
      case EVENT -> out.appendAscii(event.eventName());
      case PATH -> append(event.path(), out);
      case SEP -> {
        if (!event.file().isEmpty() && !endsWithSlash(event.path())) {
          out.appendByte('/');
        }
      }
      case FILE -> {
        if (event instanceof AccessDecided) {
          appendLastName(event.path(), out);
        } else {
          append(event.file(), out);
        }
      }
      case FTYPE -> out.appendAscii(event.fileType().text());
      case POD -> out.append(pod);
      case NODE -> out.append(node);
      case NAMESPACE -> out.append(namespace);
      case CONTAINER -> out.append(container);
      case TAGS -> out.append(tags);
      case TIME -> appendTime(event.time(), out);
      case SEQ -> out.append(sequence);
      case WATCHER -> out.append(watcher);
      case KIND -> out.append(kind);
      case COOKIE -> out.appendUnsigned(cookie());
      case RESPONSE -> {
        if (event instanceof AccessDecided decided) {
          out.appendAscii(decided.response().name());
        }
      }
      case RULE -> {
        if (event instanceof AccessDecided decided) {
          out.appendUtf8(Printable.escape(decided.rule()));
        }
      }
      case PID, UID, EXECUTABLE, COMMAND, PROCESS -> {
        if (event instanceof AccessDecided decided) {
          appendProcess(specifier, decided.process().orElse(NOBODY), out);
        }
      }
    }
  }

  private static void appendProcess(Specifier what, ProcessFacts process, LineBuffer out) {
    int pid = process.pid().orElse(0);
    switch (what) {
      case PID -> out.append(pid);
      case UID -> {
        if (process.uid().isPresent()) {
          out.appendUnsigned(Integer.toUnsignedLong(process.uid().getAsInt()));
        }
      }
      case EXECUTABLE -> append(process.executable(), out);
      case COMMAND -> out.appendUtf8(Printable.escape(process.command()));
      default -> {
        out.appendUtf8(process.gone() ? "gone" : Printable.escape(process.command()));
        out.appendByte('[');
        out.append(pid);
        out.appendByte(']');
      }
    }
  }

  /** ISO 8601 in UTC, with 0, 3, 6 or 9 digits after the second. */
  void appendTime(Instant time, LineBuffer out) {
    if (time.getEpochSecond() != second) {
      second = time.getEpochSecond();
      LocalDateTime at = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
      // LocalDateTime leaves out seconds that are zero.
      secondText = at.toString() + (at.getSecond() == 0 ? ":00" : "");
    }
    out.appendAscii(secondText);
    int nanos = time.getNano();
    if (nanos != 0) {
      out.appendByte('.');
      int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
      int unit = 100_000_000;
      for (int i = 0; i < digits; i++) {
        out.appendByte('0' + nanos / unit % 10);
        unit /= 10;
      }
    }
    out.appendByte('Z');
  }

  private long cookie() {
    return event instanceof FileChanged changed ? Integer.toUnsignedLong(changed.cookie()) : 0;
  }

  private static boolean endsWithSlash(FilePath path) {
    return path.length() > 0 && path.byteAt(path.length() - 1) == '/';
  }

  private static void append(FilePath path, LineBuffer out) {
    int length = path.printableLength();
    if (length > 0) {
      out.ensure(length);
      path.copyPrintableTo(out.array(), out.length());
      out.setLength(out.length() + length);
    }
  }

  /** What follows the last slash: a guard's path is whole, and its line may ask for the name. */
  private static void appendLastName(FilePath path, LineBuffer out) {
    int start = out.length();
    append(path, out);
    int end = out.length();
    int name = end;
    while (name > start && out.array()[name - 1] != '/') {
      name--;
    }
    System.arraycopy(out.array(), name, out.array(), start, end - name);
    out.setLength(start + end - name);
  }

  private static byte[] bytes(String text) {
    return Printable.escape(text).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] tags(Map<String, String> tags) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      text.append(text.length() == 0 ? "" : ",").append(tag.getKey());
      text.append('=').append(tag.getValue());
    }
    return bytes(text.toString());
  }
}

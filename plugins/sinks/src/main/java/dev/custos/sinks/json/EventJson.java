package dev.custos.sinks.json;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Writes events as JSON objects, one to a line, as {@code docs/json.md} lays down. Field names are
 * those of the Elastic Common Schema 8.11 where it has one, and below {@code custos} where not.
 *
 * <p>Written by hand for speed: what repeats from event to event is encoded once, and nothing is
 * allocated for a change of a file with a plain name. Not thread-safe; one for each sink.
 */
public final class EventJson {
  private static final byte[] TIMESTAMP = ascii("{\"@timestamp\":\"");
  private static final byte[] SEQUENCE = ascii("\",\"event\":{\"sequence\":");
  private static final byte[] ID = ascii(",\"id\":\"");
  private static final byte[] PATH = ascii("},\"file\":{\"path\":\"");
  private static final byte[] NAME = ascii("\",\"name\":\"");
  private static final byte[] FILE_END = ascii("\",\"type\":\"file\"}");
  private static final byte[] DIRECTORY_END = ascii("\",\"type\":\"dir\"}");
  private static final byte[] SYNTHETIC = ascii(",\"synthetic\":true");
  private static final byte[] COOKIE = ascii(",\"cookie\":");
  private static final byte[] END = ascii("}}\n");
  private static final Map<ChangeKind, byte[]> CHANGES = changes();

  private final JsonBuffer out;
  private final Timestamps timestamps = new Timestamps();
  private final Tails tails = new Tails();
  private final OtherEvents others;
  // The text of the directory that the last event was in, with a slash at its end.
  private final JsonBuffer directoryText = new JsonBuffer(256);
  private FilePath directory;
  private String runId = "";
  private byte[] runText = new byte[0];

  /** Writes to the end of {@code out}, each time. */
  public EventJson(JsonBuffer out) {
    this.out = out;
    this.others = new OtherEvents(out);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Map<ChangeKind, byte[]> changes() {
    Map<ChangeKind, byte[]> texts = new EnumMap<>(ChangeKind.class);
    for (ChangeKind kind : ChangeKind.values()) {
      String type =
          switch (kind) {
            case ACCESS, OPEN, CLOSE_NOWRITE -> "access";
            case CREATE -> "creation";
            case DELETE, DELETE_SELF -> "deletion";
            case ATTRIB, CLOSE_WRITE, MODIFY, MOVE_SELF, MOVED_FROM, MOVED_TO -> "change";
          };
      texts.put(
          kind,
          ascii(
              "\",\"kind\":\"event\",\"category\":[\"file\"],\"type\":[\""
                  + type
                  + "\"],\"action\":\""
                  + kind.name().toLowerCase(Locale.ROOT)
                  + "\""));
    }
    return texts;
  }

  /** Appends one event and a line end. */
  public void append(RenderedEvent rendered) {
    IntegrityEvent event = rendered.event();
    String run = rendered.runId();
    if (!run.equals(runId)) {
      runId = run;
      runText = new JsonBuffer(64).content(run).toByteArray();
    }
    long sequence = rendered.sequence();
    out.raw(TIMESTAMP).raw(timestamps.of(event.time())).raw(SEQUENCE).number(sequence).raw(ID);
    if (event instanceof EventsLost) {
      // A loss may stand at the number of an event that other sinks got: its key tells them apart.
      out.content(rendered.key());
    } else {
      out.raw(runText).raw('-').number(sequence);
    }
    if (event instanceof FileChanged change) {
      out.raw(CHANGES.get(change.kind()));
    } else {
      others.event(event);
    }
    boolean readable = file(event);
    out.raw(tails.of(event.subject(), event.origin(), run));
    if (!readable) {
      escaped(event);
    }
    if (event instanceof FileChanged change) {
      if (change.cookie() != 0) {
        // The kernel's number is unsigned.
        out.raw(COOKIE).number(change.cookie() & 0xffffffffL);
      }
      if (change.synthetic()) {
        out.raw(SYNTHETIC);
      }
    } else {
      others.details(event);
    }
    out.raw(END);
  }

  /**
   * Ends the {@code event} object and writes the {@code file} object, if there is a path.
   *
   * @return whether the path is text
   */
  private boolean file(IntegrityEvent event) {
    FilePath path = event.path();
    FilePath file = event.file();
    if (path.isEmpty()) {
      out.raw('}');
      return true;
    }
    int start = out.length();
    out.raw(PATH);
    boolean plain = file.isEmpty() ? out.plain(path) : plainEntry(path, file);
    if (!plain) {
      out.truncate(start);
      return anyFile(path, file, event.fileType());
    }
    out.raw(event.fileType() == FileType.DIRECTORY ? DIRECTORY_END : FILE_END);
    return true;
  }

  private boolean plainEntry(FilePath path, FilePath file) {
    if (!path.equals(directory)) {
      directory = null;
      directoryText.truncate(0);
      if (!directoryText.plain(path)) {
        return false;
      }
      if (path.byteAt(path.length() - 1) != '/') {
        directoryText.raw('/');
      }
      directory = path;
    }
    out.raw(directoryText.array(), directoryText.length());
    int start = out.length();
    if (!out.plain(file)) {
      return false;
    }
    int end = out.length();
    out.raw(NAME).copyOf(start, end - start);
    return true;
  }

  private boolean anyFile(FilePath path, FilePath file, FileType type) {
    boolean text = path.isText() && file.isText();
    out.raw(PATH);
    if (text) {
      out.content(path);
      if (!file.isEmpty()) {
        if (path.byteAt(path.length() - 1) != '/') {
          out.raw('/');
        }
        out.content(file).raw(NAME).content(file);
      }
    } else {
      out.content(path.resolve(file).toString());
      if (!file.isEmpty()) {
        out.raw(NAME).content(file.toString());
      }
    }
    out.raw(type == FileType.DIRECTORY ? DIRECTORY_END : FILE_END);
    return text;
  }

  private void escaped(IntegrityEvent event) {
    byte[] whole = event.path().resolve(event.file()).toByteArray();
    out.raw(",\"file\":{\"encoding\":\"escaped\",\"bytes\":\"")
        .raw(Base64.getEncoder().encode(whole))
        .raw("\"}");
  }
}

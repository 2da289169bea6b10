package dev.custos.sinks.syslog;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes the parameters of one SD-ELEMENT (RFC 5424, section 6.3) within a budget. What does not
 * fit is cut or left out, and the last parameter says so: {@code truncated="yes"}. Not thread-safe.
 */
final class Parameters {
  private static final byte[] TRUNCATED = ascii(" truncated=\"yes\"");
  // A shorter rest of a value says nothing.
  private static final int SHORTEST = 16;

  private final MessageBuffer out;
  private byte[] scratch = new byte[1024];
  private int end;
  private boolean truncated;

  Parameters(MessageBuffer out) {
    this.out = out;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Begins an element of at most {@code budget} bytes. */
  void begin(byte[] id, int budget) {
    end = out.length() + budget - TRUNCATED.length - 1;
    truncated = false;
    out.raw('[').raw(id);
  }

  /** Ends the element. */
  void end() {
    if (truncated) {
      out.raw(TRUNCATED);
    }
    out.raw(']');
  }

  int left() {
    return end - out.length();
  }

  /** Parameters that are encoded already; false, and nothing written, if they do not fit. */
  boolean encoded(byte[] parameters) {
    if (parameters.length > left()) {
      return false;
    }
    out.raw(parameters);
    return true;
  }

  /** A text, which is escaped as file names are. */
  void text(String name, String value) {
    byte[] bytes = Printable.escape(value).getBytes(StandardCharsets.UTF_8);
    bytes(name, bytes, bytes.length, left());
  }

  /** A text that is left out if it is empty. */
  void optional(String name, String value) {
    if (!value.isEmpty()) {
      text(name, value);
    }
  }

  void number(String name, long value) {
    text(name, Long.toString(value));
  }

  /** {@code name="key=value"}, once for each entry: a name of ours holds whatever a key may be. */
  void entries(String name, Map<String, String> entries) {
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      text(name, entry.getKey() + "=" + entry.getValue());
    }
  }

  /** A path in its printable form; it takes no more than half of what is left. */
  void path(String name, FilePath path, FilePath file) {
    int length = path.printableLength();
    int fileLength = file.printableLength();
    if (scratch.length < length + fileLength + 1) {
      scratch = new byte[length + fileLength + 1];
    }
    path.copyPrintableTo(scratch, 0);
    if (fileLength > 0) {
      if (length > 0 && scratch[length - 1] != '/') {
        scratch[length++] = '/';
      }
      file.copyPrintableTo(scratch, length);
      length += fileLength;
    }
    bytes(name, scratch, length, left() / 2);
  }

  private void bytes(String name, byte[] value, int length, int most) {
    int room = most - name.length() - 4;
    if (Cut.valueLength(value, length) <= room) {
      start(name);
      out.value(value, length).raw('"');
      return;
    }
    truncated = true;
    if (room >= SHORTEST) {
      start(name);
      int kept = Cut.value(value, length, room - Cut.MARK.length);
      out.value(value, kept).raw(Cut.MARK).raw('"');
    }
  }

  private void start(String name) {
    int length = name.length();
    out.raw(' ');
    for (int i = 0; i < length; i++) {
      out.raw(name.charAt(i));
    }
    out.raw('=').raw('"');
  }
}

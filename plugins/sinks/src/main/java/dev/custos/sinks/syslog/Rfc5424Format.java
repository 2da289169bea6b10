package dev.custos.sinks.syslog;

import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.RenderedEvent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * {@code <85>1 2026-06-15T12:00:00.123456Z node-1 custos 417 MODIFY [custos@32473 ...] BOM text}:
 * RFC 5424, section 6.
 *
 * <p>MSGID is the event's name. The text is UTF-8, and begins with the byte order mark that section
 * 6.4 asks for if it holds more than ASCII; text of ASCII alone is the same with and without.
 */
final class Rfc5424Format implements MessageFormat {
  private static final byte[] VERSION = Parameters.ascii(">1 ");
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final int LONGEST_HOSTNAME = 255;
  private static final int LONGEST_APP_NAME = 48;
  private static final int LONGEST_PROCID = 128;
  private static final int LONGEST_MSGID = 32;
  // What structured data leaves for the text.
  private static final int SHORTEST_TEXT = 160;
  // Event names are few; a plugin that made more up would fill the map.
  private static final int NAMES_KEPT = 256;

  /** An event's name as MSGID and as a parameter. */
  private static final class Name {
    private final byte[] msgid;
    private final byte[] action;

    Name(byte[] msgid, byte[] action) {
      this.msgid = msgid;
      this.action = action;
    }
  }

  private final Priorities priorities;
  private final Identity identity;
  private final boolean byteOrderMark;
  private final int limit;
  private final byte[] application;
  private final Rfc5424Timestamps timestamps = new Rfc5424Timestamps();
  private final MessageBuffer element = new MessageBuffer(1024);
  // None for a message without structured data.
  private final StructuredData data;
  private final Map<String, Name> names = new HashMap<>();
  private String node;
  private byte[] hostname = new byte[0];

  /**
   * Makes it.
   *
   * @param enterpriseNumber the private enterprise number of the SD-ID; empty for no structured
   *     data
   * @param limit the longest message, in bytes
   */
  Rfc5424Format(
      Priorities priorities,
      Identity identity,
      String enterpriseNumber,
      boolean byteOrderMark,
      int limit) {
    this.priorities = priorities;
    this.identity = identity;
    this.byteOrderMark = byteOrderMark;
    this.limit = limit;
    MessageBuffer text = new MessageBuffer(256);
    text.raw(' ').raw(HeaderText.field(identity.application(), LONGEST_APP_NAME)).raw(' ');
    text.raw(HeaderText.field(identity.process(), LONGEST_PROCID)).raw(' ');
    application = Arrays.copyOf(text.array(), text.length());
    data = enterpriseNumber.isEmpty() ? null : new StructuredData(element, enterpriseNumber);
  }

  @Override
  public void append(RenderedEvent rendered, MessageBuffer out) {
    IntegrityEvent event = rendered.event();
    Name name = name(event.eventName());
    int start = out.length();
    out.raw('<').number(priorities.of(event)).raw(VERSION).raw(timestamps.of(event.time()));
    out.raw(' ').raw(hostname(event.origin().node())).raw(application).raw(name.msgid);
    if (data == null) {
      out.raw('-');
    } else {
      element.truncate(0);
      data.append(rendered, name.action, limit - (out.length() - start) - SHORTEST_TEXT);
      out.raw(element.array(), 0, element.length());
    }
    out.raw(' ');
    text(rendered.line(), limit - (out.length() - start), out);
  }

  private void text(byte[] line, int room, MessageBuffer out) {
    int left = room;
    if (byteOrderMark && !isAscii(line)) {
      out.raw(BYTE_ORDER_MARK);
      left -= BYTE_ORDER_MARK.length;
    }
    if (line.length <= left) {
      out.text(line, line.length);
    } else {
      out.text(line, Cut.plain(line, line.length, left - Cut.MARK.length)).raw(Cut.MARK);
    }
  }

  private static boolean isAscii(byte[] text) {
    for (byte b : text) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private Name name(String text) {
    Name known = names.get(text);
    if (known != null) {
      return known;
    }
    byte[] field = HeaderText.field(text, LONGEST_MSGID);
    byte[] msgid = Arrays.copyOf(field, field.length + 1);
    msgid[field.length] = ' ';
    MessageBuffer action = new MessageBuffer(64);
    byte[] value = HeaderText.field(text.toLowerCase(Locale.ROOT), LONGEST_MSGID);
    action.raw(Parameters.ascii(" action=\"")).value(value, value.length).raw('"');
    Name name = new Name(msgid, Arrays.copyOf(action.array(), action.length()));
    if (names.size() < NAMES_KEPT) {
      names.put(text, name);
    }
    return name;
  }

  // Events of one node bear the same text object.
  @SuppressWarnings({"StringEquality", "ReferenceEquality"})
  private byte[] hostname(String eventNode) {
    if (eventNode != node) {
      String name = identity.hostname().isEmpty() ? eventNode : identity.hostname();
      hostname = HeaderText.field(name, LONGEST_HOSTNAME);
      node = eventNode;
    }
    return hostname;
  }
}

package dev.custos.sinks.syslog;

import dev.custos.spi.sink.RenderedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * {@code <85>Jun 15 12:00:00 node-1 custos[417]: MODIFY ...}: RFC 3164, section 4.1. The time is
 * local, as the RFC has it, and knows neither year nor zone.
 */
final class Rfc3164Format implements MessageFormat {
  // The day is padded by a space; that of the RFC's own example is.
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss ", Locale.ENGLISH);

  private final Priorities priorities;
  private final Identity identity;
  private final boolean withHostname;
  private final int limit;
  private final DateTimeFormatter time;
  private final byte[] tag;
  private long second = Long.MIN_VALUE;
  private byte[] timeText = new byte[0];
  private String node;
  private byte[] nodeText = new byte[0];

  /**
   * Makes it.
   *
   * @param withHostname false for the local daemon, which expects none from programs of its host
   * @param limit the longest message, in bytes
   */
  Rfc3164Format(
      Priorities priorities, Identity identity, boolean withHostname, int limit, ZoneId zone) {
    this.priorities = priorities;
    this.identity = identity;
    this.withHostname = withHostname;
    this.limit = limit;
    this.time = TIME.withZone(zone);
    String process =
        new String(HeaderText.field(identity.process(), 32), StandardCharsets.US_ASCII);
    byte[] name = HeaderText.tag(identity.application());
    this.tag =
        (new String(name, StandardCharsets.US_ASCII) + "[" + HeaderText.bracketed(process) + "]: ")
            .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void append(RenderedEvent event, MessageBuffer out) {
    int start = out.length();
    out.raw('<').number(priorities.of(event.event())).raw('>').raw(time(event.event().time()));
    if (withHostname) {
      out.raw(hostname(event.event().origin().node())).raw(' ');
    }
    out.raw(tag);
    byte[] line = event.line();
    int room = limit - (out.length() - start);
    if (line.length <= room) {
      out.text(line, line.length);
    } else {
      out.text(line, Cut.plain(line, line.length, room - Cut.MARK.length)).raw(Cut.MARK);
    }
  }

  private byte[] time(Instant instant) {
    if (instant.getEpochSecond() != second) {
      timeText = time.format(instant).getBytes(StandardCharsets.US_ASCII);
      second = instant.getEpochSecond();
    }
    return timeText;
  }

  // Events of one node bear the same text object.
  @SuppressWarnings({"StringEquality", "ReferenceEquality"})
  private byte[] hostname(String eventNode) {
    if (eventNode != node) {
      String name = identity.hostname().isEmpty() ? eventNode : identity.hostname();
      nodeText = HeaderText.field(name, 255);
      node = eventNode;
    }
    return nodeText;
  }
}

package dev.custos.sinks.syslog;

import dev.custos.spi.sink.RenderedEvent;

/** How a stream tells where a message ends: RFC 6587, section 3.4. */
enum Framing {
  /** {@code 57 <85>1 ...}: a message says how long it is. The one that RFC 5425 has. */
  OCTET_COUNTING {
    @Override
    void append(RenderedEvent event, MessageFormat format, MessageBuffer out) {
      // Room for as many digits as most messages need.
      int start = out.length();
      out.raw(GUESS);
      format.append(event, out);
      int length = out.length() - start - GUESS.length;
      int digits = MessageBuffer.digits(length);
      int missing = digits + 1 - GUESS.length;
      if (missing > 0) {
        out.insert(start, missing);
      } else if (missing < 0) {
        out.remove(start, -missing);
      }
      out.numberAt(start, digits, length);
      out.byteAt(start + digits, ' ');
    }
  },
  /** A message ends at a line feed, which none holds. */
  NEWLINE {
    @Override
    void append(RenderedEvent event, MessageFormat format, MessageBuffer out) {
      format.append(event, out);
      out.raw('\n');
    }
  };

  private static final byte[] GUESS = new byte[4];

  /** Appends one message with its frame. */
  abstract void append(RenderedEvent event, MessageFormat format, MessageBuffer out);
}

package dev.custos.sinks.syslog;

import java.io.IOException;

/** A socket that carries a message in a datagram. It never waits by itself. */
interface Datagrams extends AutoCloseable {
  /** Opens the socket if it is not, and tells what went wrong with earlier datagrams. */
  void prepare() throws IOException;

  /** What came of a datagram. */
  enum Outcome {
    SENT,
    /** There is no room for it now. */
    NO_ROOM,
    /** It is larger than this socket ever takes. */
    TOO_LARGE
  }

  /** Sends one datagram; the socket is closed if that fails. */
  Outcome send(MessageBuffer message) throws IOException;

  /** Waits until there is room, or the time is over, or the thread is interrupted. */
  void awaitRoom(int millis) throws IOException;

  /** Tells what has become known of the datagrams sent since {@link #prepare}. */
  void check() throws IOException;

  @Override
  void close();
}

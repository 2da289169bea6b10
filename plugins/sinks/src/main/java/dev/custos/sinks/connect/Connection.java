package dev.custos.sinks.connect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A connection whose calls do not wait, but for those that take a deadline. After an exception that
 * is neither an interrupt nor a deadline it is of no more use.
 */
public interface Connection extends AutoCloseable {
  /**
   * Writes all of {@code source}. When it ends early, the buffer's position tells how much was
   * taken; the rest may be written later.
   *
   * @param patience how long to wait without any progress
   */
  void write(ByteBuffer source, Duration patience) throws IOException;

  /**
   * Reads what is there.
   *
   * @return how many bytes; 0 if there are none now, -1 if the peer has closed its side
   */
  int read(ByteBuffer target) throws IOException;

  /** Waits until {@link #read} has something to tell. */
  void awaitReadable(Deadline deadline) throws IOException;

  /** Tells the peer that nothing more comes; reading goes on. Whatever waits to be sent is lost. */
  void finish() throws IOException;

  /** Closes at once. A second call does nothing. */
  @Override
  void close();
}

package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Connection;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages over TCP or TLS, one after the other. The protocol has no acknowledgement: an event
 * counts as written once the kernel has all of its message. To make up for that, the last ones are
 * kept and written again to the next connection when one breaks ({@link ResendWindow}), and a
 * server that has closed its side is noticed before anything is written to it.
 *
 * <p>A write that is interrupted, or that the server takes nothing of for too long, may leave a
 * part of a message in the stream. As long as the connection stands the rest is kept and written
 * first by the next call, and that event left out when the host offers it again: a slow server gets
 * nothing twice. The connection is kept, too. To a server that stands still a new one would be no
 * better, but the kernels would take some more megabytes for it each time, and those would count as
 * written; one that is gone is given up by the kernel itself (tcp(7), {@code tcp_retries2}).
 */
final class StreamSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSink.class);
  static final int CHUNK = 64 * 1024;

  private final Peer peer;
  private final boolean encrypted;
  private final MessageFormat format;
  private final Framing framing;
  private final Duration patience;
  private final ResendWindow window;
  private final MessageBuffer chunk = new MessageBuffer(CHUNK + 8192);
  private final ByteBuffer scratch = ByteBuffer.allocate(4096);
  // Where in the chunk each message ends.
  private int[] ends = new int[256];
  private Connection connection;
  // What is left of the message that an interrupted write has begun; none if tornKey is null.
  private byte[] torn;
  private int tornWritten;
  private String tornKey;
  // Whether what the window holds may not have arrived.
  private boolean doubtful;
  private boolean closed;

  /**
   * Makes it; nothing is connected yet.
   *
   * @param encrypted whether the connector speaks TLS
   * @param patience how long the server may take nothing before a write gives up
   */
  StreamSink(
      Peer peer,
      boolean encrypted,
      MessageFormat format,
      Framing framing,
      Duration patience,
      ResendWindow window) {
    this.peer = peer;
    this.encrypted = encrypted;
    this.format = format;
    this.framing = framing;
    this.patience = patience;
    this.window = window;
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    int done = 0;
    // A connection of before may turn out to be broken; a new one that breaks is a failure.
    boolean mayReconnect = connection != null;
    while (true) {
      try {
        checkConnection();
        done += finishTorn(batch, done);
        while (done < batch.size()) {
          int count = gather(batch, done);
          done += hand(batch, done, count);
          if (done < batch.size()) {
            Peer.discard(connection, scratch);
          }
        }
        return WriteResult.accepted(done);
      } catch (PartlyWritten e) {
        done += e.whole;
        if (e.isFinal || !mayReconnect) {
          return gaveUp(done, e.reason);
        }
      } catch (IOException e) {
        disconnect();
        if (e instanceof InterruptedIOException || !mayReconnect) {
          return gaveUp(done, e);
        }
      }
      mayReconnect = false;
    }
  }

  private WriteResult gaveUp(int done, IOException e) throws SinkException {
    if (done > 0) {
      // Whatever is wrong shows again with the events that are left.
      return WriteResult.accepted(done);
    }
    throw peer.failure(e);
  }

  /** Notices that the server has gone away, and makes a new connection if there is none. */
  private void checkConnection() throws IOException {
    if (connection != null) {
      Peer.discard(connection, scratch);
      return;
    }
    Connection fresh = peer.connect(encrypted);
    try {
      if (doubtful) {
        fresh.write(ByteBuffer.wrap(window.content(System.nanoTime())), patience);
      }
    } catch (IOException | RuntimeException e) {
      fresh.close();
      throw e;
    }
    doubtful = false;
    connection = fresh;
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
      doubtful = !window.isEmpty();
    }
    // The next connection gets that message from its beginning.
    tornKey = null;
    torn = null;
  }

  /** Writes the rest of a message that was begun, and tells how many events that has dealt with. */
  private int finishTorn(List<RenderedEvent> batch, int done) throws IOException, PartlyWritten {
    if (tornKey == null) {
      return 0;
    }
    ByteBuffer rest = ByteBuffer.wrap(torn);
    rest.position(tornWritten);
    try {
      connection.write(rest, patience);
    } catch (InterruptedIOException e) {
      tornWritten = rest.position();
      throw new PartlyWritten(0, true, e);
    }
    window.add(torn, 0, torn.length, System.nanoTime());
    boolean offered = done < batch.size() && batch.get(done).key().equals(tornKey);
    tornKey = null;
    torn = null;
    return offered ? 1 : 0;
  }

  /** Writes messages into the chunk until it is full, and tells how many. */
  private int gather(List<RenderedEvent> batch, int from) {
    chunk.truncate(0);
    int count = 0;
    while (from + count < batch.size() && chunk.length() < CHUNK) {
      framing.append(batch.get(from + count), format, chunk);
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, count * 2);
      }
      ends[count++] = chunk.length();
    }
    return count;
  }

  /** Writes the chunk, and tells how many events that were. */
  private int hand(List<RenderedEvent> batch, int from, int count) throws PartlyWritten {
    ByteBuffer source = ByteBuffer.wrap(chunk.array(), 0, chunk.length());
    try {
      connection.write(source, patience);
      window.add(chunk.array(), 0, chunk.length(), System.nanoTime());
      return count;
    } catch (IOException e) {
      int whole = wholeMessages(source.position(), count);
      int start = whole == 0 ? 0 : ends[whole - 1];
      window.add(chunk.array(), 0, start, System.nanoTime());
      if (e instanceof InterruptedIOException) {
        if (source.position() > start) {
          torn = Arrays.copyOfRange(chunk.array(), start, ends[whole]);
          tornWritten = source.position() - start;
          tornKey = batch.get(from + whole).key();
        }
        throw new PartlyWritten(whole, true, e);
      }
      disconnect();
      throw new PartlyWritten(whole, false, e);
    }
  }

  private int wholeMessages(int position, int count) {
    int found = Arrays.binarySearch(ends, 0, count, position);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** A chunk of which some messages were written whole. */
  private static final class PartlyWritten extends Exception {
    private static final long serialVersionUID = 1;

    private final int whole;
    private final boolean isFinal;
    private final transient IOException reason;

    PartlyWritten(int whole, boolean isFinal, IOException reason) {
      super(reason);
      this.whole = whole;
      this.isFinal = isFinal;
      this.reason = reason;
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean arrived = connection != null && tornKey == null && Peer.goodBye(connection);
    if (connection != null) {
      connection.close();
      connection = null;
    }
    if (!arrived && (doubtful || !window.isEmpty())) {
      LOG.warn(
          "{}: the server did not confirm the end of the connection; of the last {} bytes some may"
              + " not have arrived",
          peer.shown(),
          window.size());
    }
  }
}

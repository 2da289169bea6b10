package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Connection;
import dev.custos.sinks.connect.Connector;
import dev.custos.sinks.connect.Deadline;
import dev.custos.spi.sink.SinkException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The server at the other end: makes connections to it and says in whose name something failed.
 *
 * @param shown the transport and the address, as in {@code tls logs.example:6514}
 */
record Peer(String shown, Connector connector) {
  // A server that refuses a client says so at once, but only after the connection stands: for TLS
  // 1.3 the client's certificate is checked after the handshake is over for the client.
  private static final Duration FIRST_SIGN = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofMillis(200);
  // How long a server may take to show that it has read everything.
  private static final Duration GOOD_BYE = Duration.ofSeconds(2);

  /**
   * Connects, and waits for a moment whether the server closes the connection again: what is
   * written to such a one is lost.
   */
  Connection connect(boolean encrypted) throws IOException {
    Connection connection = connector.connect();
    try {
      ByteBuffer scratch = ByteBuffer.allocate(4096);
      boolean spoke = encrypted && hears(connection, scratch, FIRST_SIGN);
      if (spoke || !encrypted) {
        hears(connection, scratch, QUIET);
      }
      return connection;
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static boolean hears(Connection connection, ByteBuffer scratch, Duration patience)
      throws IOException {
    try {
      connection.awaitReadable(Deadline.in(patience));
    } catch (SocketTimeoutException e) {
      return false;
    }
    discard(connection, scratch);
    return true;
  }

  /** Reads what nobody expects, so that the end of the connection shows. */
  static void discard(Connection connection, ByteBuffer scratch) throws IOException {
    int n = 1;
    while (n > 0) {
      scratch.clear();
      n = connection.read(scratch);
    }
    if (n < 0) {
      throw new EOFException("the server has closed the connection");
    }
  }

  /**
   * Says that nothing more comes, and waits for a while until the server closes its side too: it
   * does so once it has read everything.
   *
   * @return whether it did
   */
  static boolean goodBye(Connection connection) {
    try {
      connection.finish();
      Deadline deadline = Deadline.in(GOOD_BYE);
      ByteBuffer scratch = ByteBuffer.allocate(4096);
      while (true) {
        discard(connection, scratch);
        connection.awaitReadable(deadline);
      }
    } catch (EOFException e) {
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      connection.close();
    }
  }

  /** That it did not work, and may later. */
  SinkException failure(IOException e) {
    String why =
        e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)
            ? "no answer before the write's deadline"
            : Connector.reason(e);
    return SinkException.temporary(shown + ": " + why, e);
  }
}

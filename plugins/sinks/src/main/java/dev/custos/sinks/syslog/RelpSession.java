package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Connection;
import dev.custos.sinks.connect.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A RELP session over one connection, as its client. Not thread-safe. */
final class RelpSession {
  private static final String OFFER = "relp_version=0\nrelp_software=custos\ncommands=syslog";
  private static final Duration GOOD_BYE = Duration.ofSeconds(2);

  private final Connection connection;
  private final RelpDecoder decoder = new RelpDecoder();
  private final ByteBuffer arrived = ByteBuffer.allocate(16 * 1024).limit(0);
  private int next = 1;

  private RelpSession(Connection connection) {
    this.connection = connection;
  }

  /** Opens a session; closes the connection if that does not work. */
  static RelpSession open(Connection connection, Duration patience) throws IOException {
    RelpSession session = new RelpSession(connection);
    try {
      byte[] offer = OFFER.getBytes(StandardCharsets.US_ASCII);
      session.command("open", offer, patience);
      RelpFrame answer = session.await(Deadline.in(patience));
      boolean syslog = answer.data().lines().anyMatch(line -> offers(line, "syslog"));
      if (answer.responseCode() != 200 || !syslog) {
        String said = answer.data().substring(0, Math.min(200, answer.data().length()));
        throw new IOException("the server refuses a RELP session for syslog: " + said);
      }
      return session;
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static boolean offers(String line, String command) {
    String prefix = "commands=";
    return line.startsWith(prefix)
        && List.of(line.substring(prefix.length()).split(",")).contains(command);
  }

  /** The transaction number of the next frame; from here on it is taken. */
  int take() {
    int taken = next;
    next = taken == RelpFrame.LAST_TRANSACTION ? 1 : taken + 1;
    return taken;
  }

  /** The number that the next {@link #take} gives. */
  int upcoming() {
    return next;
  }

  private void command(String command, byte[] data, Duration patience) throws IOException {
    MessageBuffer frame = new MessageBuffer(64 + data.length);
    frame.number(take()).raw(' ').raw(command.getBytes(StandardCharsets.US_ASCII)).raw(' ');
    frame.number(data.length);
    if (data.length > 0) {
      frame.raw(' ').raw(data);
    }
    frame.raw('\n');
    write(frame, patience);
  }

  /** Writes whole frames. */
  void write(MessageBuffer frames, Duration patience) throws IOException {
    connection.write(ByteBuffer.wrap(frames.array(), 0, frames.length()), patience);
  }

  /**
   * A response that has come; null if there is none.
   *
   * @throws EOFException if the server has ended the session, or announced that it will
   */
  RelpFrame poll() throws IOException {
    while (true) {
      RelpFrame frame = decoder.next(arrived);
      if (frame == null) {
        arrived.clear();
        int n;
        try {
          n = connection.read(arrived);
        } finally {
          arrived.flip();
        }
        if (n < 0) {
          throw new EOFException("the server has closed the connection");
        }
        if (n == 0) {
          return null;
        }
      } else if (frame.command().equals("rsp")) {
        return frame;
      } else if (frame.command().equals("serverclose")) {
        throw new EOFException("the server has ended the session");
      }
      // Other hints are for others.
    }
  }

  /** The next response, once it is there. */
  RelpFrame await(Deadline deadline) throws IOException {
    RelpFrame frame = poll();
    while (frame == null) {
      connection.awaitReadable(deadline);
      frame = poll();
    }
    return frame;
  }

  /** Ends the connection without a word. */
  void abort() {
    connection.close();
  }

  /** Ends the session as the protocol has it, if the server lets it. */
  void close() {
    try {
      command("close", new byte[0], GOOD_BYE);
      await(Deadline.in(GOOD_BYE));
    } catch (IOException e) {
      // Every event that was accepted was acknowledged before: nothing hangs on this.
      connection.close();
      return;
    }
    connection.close();
  }
}

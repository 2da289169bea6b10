package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Deadline;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Messages over RELP, the protocol of rsyslog's imrelp. Each message is acknowledged by the server,
 * and an event counts as written when it is: whatever breaks in between, the host offers again what
 * was not. So an event may arrive twice, and none is lost between here and the server.
 */
final class RelpSink implements Sink {
  private static final byte[] COMMAND = " syslog ".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_REASON = 200;

  private final Peer peer;
  private final MessageFormat format;
  private final Duration patience;
  private final int window;
  private final MessageBuffer message = new MessageBuffer(8192);
  private final MessageBuffer frames = new MessageBuffer(StreamSink.CHUNK + 8192);
  private RelpSession session;

  /**
   * Makes it; nothing is connected yet.
   *
   * @param patience how long the server may be silent, or take nothing
   * @param window how many messages may be without an answer
   */
  RelpSink(Peer peer, MessageFormat format, Duration patience, int window) {
    this.peer = peer;
    this.format = format;
    this.patience = patience;
    this.window = window;
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    boolean mayReconnect = session != null;
    while (true) {
      Exchange exchange = new Exchange(batch);
      try {
        checkSession();
        exchange.run();
        return exchange.result();
      } catch (IOException e) {
        abort();
        boolean late = e instanceof InterruptedIOException;
        if (exchange.result().done() > 0) {
          return exchange.result();
        }
        if (late || !mayReconnect) {
          throw peer.failure(e);
        }
        mayReconnect = false;
      }
    }
  }

  /** Notices that the server has ended the session, and opens a new one if there is none. */
  private void checkSession() throws IOException {
    if (session != null) {
      RelpFrame stray = session.poll();
      if (stray == null) {
        return;
      }
      throw new IOException("the server answers what it was not asked");
    }
    // The server's answer shows that it wants the client: no need to wait for a sign as such.
    session = RelpSession.open(peer.connector().connect(), patience);
  }

  private void abort() {
    if (session != null) {
      session.abort();
      session = null;
    }
  }

  /** The way of one batch to the server and back. */
  private final class Exchange {
    private final List<RenderedEvent> batch;
    private final BitSet answered = new BitSet();
    private final List<WriteResult.Rejection> rejected = new ArrayList<>();
    private int first;
    private int sent;
    private int answers;

    Exchange(List<RenderedEvent> batch) {
      this.batch = batch;
    }

    void run() throws IOException {
      first = session.upcoming();
      while (answers < batch.size()) {
        send();
        boolean full = sent == batch.size() || sent - answers >= window;
        RelpFrame answer = full ? session.await(Deadline.in(patience)) : session.poll();
        while (answer != null) {
          take(answer);
          answer = session.poll();
        }
      }
    }

    private void send() throws IOException {
      frames.truncate(0);
      while (sent < batch.size() && sent - answers < window && frames.length() < StreamSink.CHUNK) {
        message.truncate(0);
        format.append(batch.get(sent), message);
        frames.number(session.take()).raw(COMMAND).number(message.length()).raw(' ');
        frames.raw(message.array(), 0, message.length()).raw('\n');
        sent++;
      }
      if (frames.length() > 0) {
        session.write(frames, patience);
      }
    }

    private void take(RelpFrame answer) throws IOException {
      int index = answer.transaction() - first;
      if (index < 0) {
        // Numbers begin anew after the last.
        index += RelpFrame.LAST_TRANSACTION;
      }
      if (index >= sent || answered.get(index)) {
        throw new IOException("the server answers what it was not asked");
      }
      answered.set(index);
      answers++;
      if (answer.responseCode() != 200) {
        String data = answer.data();
        String said = data.substring(0, Math.min(LONGEST_REASON, data.length()));
        rejected.add(new WriteResult.Rejection(index, Printable.escape(said)));
      }
    }

    /** What is known so far: the events from the batch's start on that all have their answer. */
    WriteResult result() {
      int done = answered.nextClearBit(0);
      List<WriteResult.Rejection> known =
          rejected.stream().filter(rejection -> rejection.index() < done).toList();
      return new WriteResult(done, known, Optional.empty());
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}

package dev.custos.sinks.connect;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** TLS over TCP. An engine, because a socket's writes know neither deadline nor interrupt. */
final class TlsConnection implements Connection {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final PlainConnection plain;
  private final SSLEngine engine;
  // Records that came and are not decoded yet, and those that are to be sent; both to be read from.
  private ByteBuffer arrived;
  private final ByteBuffer leaving;
  private ByteBuffer decoded;

  private TlsConnection(PlainConnection plain, SSLEngine engine) {
    this.plain = plain;
    this.engine = engine;
    int record = engine.getSession().getPacketBufferSize();
    arrived = ByteBuffer.allocate(record).limit(0);
    leaving = ByteBuffer.allocate(record).limit(0);
    decoded = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
  }

  /** Takes the connection over and shakes hands; closes it if that does not work. */
  static TlsConnection open(PlainConnection plain, SSLEngine engine, Deadline deadline)
      throws IOException {
    TlsConnection connection = new TlsConnection(plain, engine);
    try {
      engine.beginHandshake();
      connection.shakeHands(deadline);
      return connection;
    } catch (IOException | RuntimeException e) {
      connection.tellFault();
      plain.close();
      throw e;
    }
  }

  private void shakeHands(Deadline deadline) throws IOException {
    HandshakeStatus status = engine.getHandshakeStatus();
    while (status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED) {
      switch (status) {
        case NEED_WRAP -> {
          wrap(NOTHING);
          flush(Duration.ofMillis(Math.max(1, deadline.millis())));
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (unwrap() == Step.NEEDS_INPUT) {
            plain.awaitReadable(deadline);
          }
        }
        default -> runTasks();
      }
      status = engine.getHandshakeStatus();
    }
  }

  /** Sends the alert that says what is wrong, as far as there is room for it. */
  private void tellFault() {
    try {
      engine.closeOutbound();
      while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
          && wrap(NOTHING).getStatus() == Status.OK) {
        plain.writeNow(leaving);
      }
    } catch (IOException e) {
      // The fault itself is on its way to the caller; this was for the peer's log.
      return;
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  private SSLEngineResult wrap(ByteBuffer source) throws IOException {
    leaving.compact();
    SSLEngineResult result;
    try {
      result = engine.wrap(source, leaving);
    } finally {
      leaving.flip();
    }
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    }
    return result;
  }

  private void flush(Duration patience) throws IOException {
    plain.write(leaving, patience);
  }

  @Override
  public void write(ByteBuffer source, Duration patience) throws IOException {
    flush(patience);
    while (source.hasRemaining()) {
      SSLEngineResult result = wrap(source);
      if (result.getStatus() == Status.CLOSED) {
        throw new EOFException("the peer has closed the connection");
      }
      flush(patience);
    }
  }

  private enum Step {
    PROGRESS,
    NEEDS_INPUT,
    CLOSED
  }

  /** Reads what is there and decodes one record of it. */
  private Step unwrap() throws IOException {
    decoded.compact();
    SSLEngineResult result;
    try {
      result = engine.unwrap(arrived, decoded);
    } finally {
      decoded.flip();
    }
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    }
    return switch (result.getStatus()) {
      case OK -> Step.PROGRESS;
      case CLOSED -> Step.CLOSED;
      case BUFFER_UNDERFLOW -> fill();
      case BUFFER_OVERFLOW -> {
        decoded = larger(decoded, engine.getSession().getApplicationBufferSize());
        yield Step.PROGRESS;
      }
    };
  }

  private Step fill() throws IOException {
    arrived = larger(arrived, engine.getSession().getPacketBufferSize());
    arrived.compact();
    int n;
    try {
      n = plain.read(arrived);
    } finally {
      arrived.flip();
    }
    if (n > 0) {
      return Step.PROGRESS;
    }
    if (n == 0) {
      return Step.NEEDS_INPUT;
    }
    if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
      throw new EOFException("the peer closed the connection during the TLS handshake");
    }
    return Step.CLOSED;
  }

  /** The same content with room for {@code more} after it. */
  private static ByteBuffer larger(ByteBuffer buffer, int more) {
    int needed = buffer.remaining() + more;
    return buffer.capacity() >= needed ? buffer : ByteBuffer.allocate(needed).put(buffer).flip();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    while (!decoded.hasRemaining()) {
      Step step = unwrap();
      if (step == Step.CLOSED) {
        return -1;
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        // The peer has new keys (RFC 8446, section 4.6.3); the answer leaves with the next write.
        wrap(NOTHING);
      }
      if (step == Step.NEEDS_INPUT) {
        return 0;
      }
    }
    int count = Math.min(target.remaining(), decoded.remaining());
    target.put(decoded.slice().limit(count));
    decoded.position(decoded.position() + count);
    return count;
  }

  @Override
  public void awaitReadable(Deadline deadline) throws IOException {
    if (!decoded.hasRemaining()) {
      plain.awaitReadable(deadline);
    }
  }

  @Override
  public void finish() throws IOException {
    engine.closeOutbound();
    wrap(NOTHING);
    plain.writeNow(leaving);
    plain.finish();
  }

  @Override
  public void close() {
    try {
      if (!engine.isOutboundDone() && !leaving.hasRemaining()) {
        engine.closeOutbound();
        wrap(NOTHING);
        plain.writeNow(leaving);
      }
    } catch (IOException e) {
      // A peer that does not hear the good-bye sees the connection end.
      plain.close();
      return;
    }
    plain.close();
  }
}

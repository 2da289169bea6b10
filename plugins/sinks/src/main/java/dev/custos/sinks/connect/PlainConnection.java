package dev.custos.sinks.connect;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** TCP. The channel never blocks: an interrupt would close a blocking one in the middle. */
final class PlainConnection implements Connection {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;

  private PlainConnection(SocketChannel channel, Selector selector) throws IOException {
    this.channel = channel;
    this.selector = selector;
    this.key = channel.register(selector, 0);
  }

  static PlainConnection open(InetSocketAddress address, Deadline deadline) throws IOException {
    SocketChannel channel = SocketChannel.open();
    Selector selector = null;
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      selector = Selector.open();
      PlainConnection connection = new PlainConnection(channel, selector);
      boolean connected = channel.connect(address);
      while (!connected) {
        connection.await(SelectionKey.OP_CONNECT, deadline);
        connected = channel.finishConnect();
      }
      return connection;
    } catch (IOException | RuntimeException e) {
      channel.close();
      if (selector != null) {
        selector.close();
      }
      throw e;
    }
  }

  @Override
  public void write(ByteBuffer source, Duration patience) throws IOException {
    while (source.hasRemaining()) {
      if (writeNow(source) == 0) {
        await(SelectionKey.OP_WRITE, Deadline.in(patience));
      }
    }
  }

  /** Writes as much as there is room for. */
  int writeNow(ByteBuffer source) throws IOException {
    return channel.write(source);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public void awaitReadable(Deadline deadline) throws IOException {
    await(SelectionKey.OP_READ, deadline);
  }

  private void await(int operation, Deadline deadline) throws IOException {
    key.interestOps(operation);
    while (true) {
      long millis = deadline.millis();
      if (millis == 0) {
        throw new SocketTimeoutException("the peer does not react");
      }
      int ready = selector.select(millis);
      selector.selectedKeys().clear();
      if (ready > 0) {
        return;
      }
      // The mark stays set: select ends at once on a thread that bears it.
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while the peer does not react");
      }
    }
  }

  @Override
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() {
    try {
      channel.close();
      // The channel's number is only let go of when its key is gone, too.
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException("close(2) of a connection", e);
    }
  }
}

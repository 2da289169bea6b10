package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Connector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;

/**
 * UDP: RFC 5426. The socket is connected, so that the kernel tells when a host answers that nobody
 * listens (udp(7), ICMP); the next address of the server is tried then.
 */
final class UdpDatagrams implements Datagrams {
  private final Connector connector;
  private final ByteBuffer scratch = ByteBuffer.allocate(64);
  private int tries;
  private DatagramChannel channel;
  private Selector selector;

  UdpDatagrams(Connector connector) {
    this.connector = connector;
  }

  @Override
  public void prepare() throws IOException {
    if (channel == null) {
      List<InetSocketAddress> addresses = connector.addresses();
      open(addresses.get(Math.floorMod(tries++, addresses.size())));
    } else {
      check();
    }
  }

  private void open(InetSocketAddress address) throws IOException {
    try {
      channel = DatagramChannel.open();
      channel.configureBlocking(false);
      // A burst shall not wait for the network card. Bytes.
      channel.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
      selector = Selector.open();
      channel.register(selector, SelectionKey.OP_WRITE);
      channel.connect(address);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public Outcome send(MessageBuffer message) throws IOException {
    try {
      int n = channel.write(ByteBuffer.wrap(message.array(), 0, message.length()));
      return n > 0 ? Outcome.SENT : Outcome.NO_ROOM;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void awaitRoom(int millis) throws IOException {
    selector.select(millis);
    selector.selectedKeys().clear();
  }

  @Override
  public void check() throws IOException {
    try {
      // Nobody answers a syslog datagram; an error that waits at the socket is told here.
      scratch.clear();
      channel.read(scratch);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    DatagramChannel oldChannel = channel;
    Selector oldSelector = selector;
    channel = null;
    selector = null;
    try {
      if (oldChannel != null) {
        oldChannel.close();
      }
      // The channel's number is only let go of when its key is gone, too.
      if (oldSelector != null) {
        oldSelector.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("close(2) of a datagram socket", e);
    }
  }
}

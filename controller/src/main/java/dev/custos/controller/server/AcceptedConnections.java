package dev.custos.controller.server;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of a port, and closes at once those beyond the limits, before a byte of
 * them is read or anything is kept for them. Channels end on other threads than they begin.
 */
final class AcceptedConnections extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptedConnections.class);
  private static final long BETWEEN_WARNINGS = TimeUnit.SECONDS.toNanos(10);

  private final ConnectionLimits limits;
  private final AtomicInteger all = new AtomicInteger();
  private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

  // Touched by the accepting thread alone.
  private long refused;
  private long lastWarning = System.nanoTime() - BETWEEN_WARNINGS;

  AcceptedConnections(ConnectionLimits limits) {
    this.limits = limits;
  }

  /** {@code message} is a connection that was accepted. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof Channel connection)
        || !(connection.remoteAddress() instanceof InetSocketAddress peer)) {
      context.fireChannelRead(message);
      return;
    }
    InetAddress address = peer.getAddress();
    int here = byAddress.merge(address, 1, Integer::sum);
    int now = all.incrementAndGet();
    if (here > limits.fromOneAddress() || now > limits.inAll()) {
      gone(address);
      // It is in no event loop yet, so there is no other way to close it.
      connection.unsafe().closeForcibly();
      refused(address, here > limits.fromOneAddress());
      return;
    }
    var unused = connection.closeFuture().addListener(closed -> gone(address));
    context.fireChannelRead(message);
  }

  private void gone(InetAddress address) {
    byAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
    all.decrementAndGet();
  }

  private void refused(InetAddress address, boolean ofOneAddress) {
    refused++;
    long now = System.nanoTime();
    if (now - lastWarning >= BETWEEN_WARNINGS) {
      lastWarning = now;
      LOG.warn(
          "connection from {} refused: there are {} {} already; {} refused so far",
          address.getHostAddress(),
          ofOneAddress ? limits.fromOneAddress() : limits.inAll(),
          ofOneAddress ? "from there" : "in all",
          refused);
    }
  }
}

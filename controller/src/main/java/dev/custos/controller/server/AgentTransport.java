package dev.custos.controller.server;

import dev.custos.controller.identity.ServerCertificate;
import dev.custos.protocol.SnapshotCodec;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** What carries agents' streams. Its threads serve every server that is built of it. */
public final class AgentTransport implements AutoCloseable {
  private static final String TLS = "TLSv1.3";

  /** An agent opens one, and a second one only before its first was found dead. */
  private static final int STREAMS_OF_A_CONNECTION = 4;

  /**
   * How much a connection may send ahead of what is read, in bytes; gRPC's own default is a
   * thousand KiB, for whoever connects.
   */
  private static final int WINDOW = 128 << 10;

  private final EventLoopGroup loops =
      new NioEventLoopGroup(0, new DefaultThreadFactory("agents", true));
  private final ConnectionLimits limits;

  /** With the usual limits. */
  public AgentTransport() {
    this(ConnectionLimits.USUAL);
  }

  public AgentTransport(ConnectionLimits limits) {
    this.limits = limits;
  }

  /** Over TLS 1.3 and nothing older. */
  public NettyServerBuilder encrypted(int port, ServerCertificate certificate) {
    try {
      // The JDK's own, because the native one would unpack a library where nothing can be written.
      return plainText(port)
          .sslContext(
              GrpcSslContexts.configure(
                      SslContextBuilder.forServer(certificate.keys()), SslProvider.JDK)
                  .protocols(TLS)
                  .build());
    } catch (SSLException e) {
      throw new IllegalStateException("every JDK has " + TLS, e);
    }
  }

  /** For a laptop: whoever is on the way can read all. */
  public NettyServerBuilder plainText(int port) {
    return NettyServerBuilder.forPort(port)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .channelFactory(this::listening)
        .maxInboundMessageSize(SnapshotCodec.MAX_REPORT_BYTES)
        .flowControlWindow(WINDOW)
        // A node that vanished without a word is noticed after these two.
        .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(5, TimeUnit.SECONDS)
        // A connection without a stream is of no use to any agent.
        .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.idle().toMillis(), TimeUnit.MILLISECONDS)
        .maxConcurrentCallsPerConnection(STREAMS_OF_A_CONNECTION);
  }

  private NioServerSocketChannel listening() {
    NioServerSocketChannel channel = new NioServerSocketChannel();
    // Before what gRPC adds, so that it hears of no connection beyond the limits.
    channel.pipeline().addLast(new AcceptedConnections(limits));
    return channel;
  }

  /** Ends its threads; servers are to be shut down before. */
  @Override
  public void close() {
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}

package dev.custos.controller.server;

import dev.custos.controller.identity.ServerCertificate;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** What carries agents' streams. */
public final class AgentTransport {
  private static final String TLS = "TLSv1.3";

  /** An agent opens one, and a second one only before its first was found dead. */
  private static final int STREAMS_OF_A_CONNECTION = 4;

  private AgentTransport() {}

  /** Over TLS 1.3 and nothing older. */
  public static NettyServerBuilder encrypted(int port, ServerCertificate certificate) {
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
  public static NettyServerBuilder plainText(int port) {
    return NettyServerBuilder.forPort(port)
        // A node that vanished without a word is noticed after these two.
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .permitKeepAliveTime(5, TimeUnit.SECONDS)
        // A connection without a stream is of no use to any agent.
        .handshakeTimeout(10, TimeUnit.SECONDS)
        .maxConnectionIdle(60, TimeUnit.SECONDS)
        .maxConcurrentCallsPerConnection(STREAMS_OF_A_CONNECTION);
  }
}

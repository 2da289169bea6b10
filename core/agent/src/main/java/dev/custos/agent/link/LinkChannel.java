package dev.custos.agent.link;

import dev.custos.protocol.SnapshotCodec;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.Security;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the controller, not yet begun. Of several addresses that its name stands for, the
 * first that answers is taken: only the leader among the controller's replicas listens.
 *
 * @param options for the call that opens the stream
 * @param token what it is opened with; empty for none
 */
record LinkChannel(ManagedChannel channel, CallOptions options, String token) {
  private static final int CONNECT_MILLIS = 3000;

  /**
   * Has the JVM ask for the controller's addresses (almost) each time. By default it keeps them for
   * 30 s, and that there are none for 10 s: so long an agent would not find a replica that is new.
   * Of use before the JVM has looked up its first name.
   */
  static void lookUpEachTime() {
    Security.setProperty("networkaddress.cache.ttl", "1");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
  }

  /**
   * Reads what it needs, and connects nowhere yet.
   *
   * @throws IOException if a file is of no use now; its message says which and why
   */
  static LinkChannel open(LinkSettings settings, Executor executor) throws IOException {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + settings.address())
            .executor(executor)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            // A controller's machine that vanished without a word is noticed after these two.
            .keepAliveTime(settings.patience().keepAlive().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(
                settings.patience().keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .maxInboundMessageSize(SnapshotCodec.MAX_MESSAGE_BYTES);
    if (!(settings.security() instanceof LinkSecurity.Tls tls)) {
      return new LinkChannel(builder.usePlaintext().build(), CallOptions.DEFAULT, "");
    }
    String token = LinkFiles.token(tls.token());
    // The JDK's own TLS, because the native one would unpack a library where nothing can be
    // written, and take memory that it does not.
    builder.sslContext(
        GrpcSslContexts.configure(
                SslContextBuilder.forClient().trustManager(LinkFiles.authorities(tls.ca())),
                SslProvider.JDK)
            .protocols("TLSv1.3")
            .build());
    tls.serverName().ifPresent(builder::overrideAuthority);
    return new LinkChannel(
        builder.build(), CallOptions.DEFAULT.withCallCredentials(new BearerToken(token)), token);
  }
}

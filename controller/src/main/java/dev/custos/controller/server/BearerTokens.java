package dev.custos.controller.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Takes each call's token (RFC 6750) out of its headers, for {@link AgentSessions} to look at. */
final class BearerTokens implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "Bearer ";

  /** The token of the call that is being opened; empty if it has none. */
  static final Context.Key<String> TOKEN = Context.keyWithDefault("custos-token", "");

  /** The address, without its port, that the call comes from. */
  static final Context.Key<String> PEER = Context.keyWithDefault("custos-peer", "");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Context context =
        Context.current()
            .withValues(
                TOKEN,
                token(headers.get(AUTHORIZATION)),
                PEER,
                address(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
    return Contexts.interceptCall(context, call, headers, next);
  }

  private static String token(String header) {
    return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? header.substring(SCHEME.length()).strip()
        : "";
  }

  private static String address(SocketAddress peer) {
    return peer instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : "";
  }
}

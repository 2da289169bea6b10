package dev.custos.controller.identity;

import dev.custos.controller.FakeAgent;
import dev.custos.controller.metrics.EventTotal;
import dev.custos.controller.server.AgentEvents;
import dev.custos.controller.server.AgentSessions;
import dev.custos.controller.server.AgentTransport;
import dev.custos.controller.server.ConnectionLimits;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** The controller's end of the link, on a real port with real TLS; pods are what a test says. */
final class LinkServer implements AgentEvents, AutoCloseable {
  final FakeTokens tokens = new FakeTokens();
  final AgentPods pods = new AgentPods(AgentAccount.DEFAULT);
  final List<String> heard = new CopyOnWriteArrayList<>();
  final AgentSessions sessions;
  final KeyMaterial authority = CertificateIssuer.authority(Instant.now());

  private final Path certificate;
  private final Path key;
  private final AgentTransport transport;
  private final TokenReviews reviews;
  private final ServerCertificate shown;
  private final Server server;
  private final List<ManagedChannel> channels = new ArrayList<>();

  LinkServer(Path directory) throws Exception {
    this(directory, ConnectionLimits.USUAL, Duration.ofSeconds(30));
  }

  LinkServer(Path directory, ConnectionLimits limits, Duration helloWithin) throws Exception {
    transport = new AgentTransport(limits);
    certificate = directory.resolve("tls.crt");
    key = directory.resolve("tls.key");
    write(CertificateIssuer.server(authority, List.of("localhost"), Instant.now()));
    shown = ServerCertificate.open(new CertificateFiles(certificate, key), Duration.ofMillis(20));
    reviews = new TokenReviews(pods, tokens, Clock.systemUTC(), Duration.ofSeconds(30));
    sessions = new AgentSessions(this, Optional.of(reviews), helloWithin);
    pods.onGone(sessions::podGone);
    server = transport.encrypted(0, shown).addService(sessions.service()).build().start();
  }

  /** Replaces the files one after the other, as a careless tool would. */
  void write(KeyMaterial material) throws Exception {
    Files.writeString(certificate, Pem.of(material.chain()));
    Files.writeString(key, Pem.of(material.key()));
  }

  /**
   * Has both be links as a kubelet makes them of a Secret: each leads through {@code ..data} to a
   * folder that is never changed, and {@code ..data} is replaced by a rename.
   */
  void mount(KeyMaterial material) throws Exception {
    Path folder = Files.createTempDirectory(certificate.getParent(), "..2026_");
    Files.writeString(folder.resolve("tls.crt"), Pem.of(material.chain()));
    Files.writeString(folder.resolve("tls.key"), Pem.of(material.key()));
    Path data = certificate.resolveSibling("..data");
    Path next = certificate.resolveSibling("..data_tmp");
    Files.createSymbolicLink(next, folder.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    for (Path file : List.of(certificate, key)) {
      if (!Files.isSymbolicLink(file)) {
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("..data").resolve(file.getFileName()));
      }
    }
  }

  void writeCertificate(String text) throws Exception {
    Files.writeString(certificate, text);
  }

  int port() {
    return server.getPort();
  }

  /** An agent's pod on a node. */
  void pod(String name, String node) {
    pods.present(agentPod(name, node));
  }

  static Pod agentPod(String name, String node) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("custos")
        .withName(name)
        .withUid("uid-of-" + name)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName("custos-agent")
        .withNodeName(node)
        .endSpec()
        .build();
  }

  /** An agent that says Hello with this token; null for none. */
  FakeAgent agent(String node, String token) throws Exception {
    return FakeAgent.of(node, channel(token));
  }

  Channel channel(String token) throws Exception {
    return with(token, connection(authority.certificate(), "TLSv1.3"));
  }

  /** A connection of its own, closed with the server. */
  ManagedChannel connection(X509Certificate trusted, String protocol) throws Exception {
    return opened(connecting(trusted, protocol));
  }

  /** A connection on event loops of its own, which a test can hold up. */
  ManagedChannel connection(EventLoopGroup loops) throws Exception {
    return opened(
        connecting(authority.certificate(), "TLSv1.3")
            .eventLoopGroup(loops)
            .channelType(NioSocketChannel.class));
  }

  private NettyChannelBuilder connecting(X509Certificate trusted, String protocol)
      throws Exception {
    return NettyChannelBuilder.forAddress("localhost", port())
        .sslContext(
            GrpcSslContexts.configure(
                    SslContextBuilder.forClient().trustManager(trusted), SslProvider.JDK)
                .protocols(protocol)
                .build());
  }

  private ManagedChannel opened(NettyChannelBuilder builder) {
    ManagedChannel channel = builder.build();
    channels.add(channel);
    return channel;
  }

  /** Calls that carry a token; null for none. */
  static Channel with(String token, Channel connection) {
    Metadata headers = new Metadata();
    if (token != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    return ClientInterceptors.intercept(
        connection, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** What a node is asked for: one path in one container. */
  static NodeSnapshot snapshot(String node, String version) {
    return new NodeSnapshot(version, node, List.of(target("containerd://of-" + node, "/etc")));
  }

  static NodeSnapshot.Target target(String id, String... paths) {
    return new NodeSnapshot.Target(
        id,
        "shop",
        "web",
        "uid",
        "main",
        Map.of(),
        List.of(
            new NodeSnapshot.WatchSubject(
                new NodeSnapshot.Owner("ArgusWatcher", "shop", "w", 0),
                "{event}",
                Map.of(),
                List.of(paths),
                Set.of(WatchEvents.Change.MODIFY),
                List.of(),
                false,
                false,
                0,
                false)),
        List.of());
  }

  @Override
  public void connected(String node, AgentFacts facts) {
    heard.add("connected " + node);
    sessions.send(snapshot(node, "v1"));
  }

  @Override
  public void applied(String node, String version, List<ReportedSubject> subjects) {
    heard.add("applied " + node + " " + version + " " + containers(subjects));
  }

  @Override
  public void coverageChanged(String node, String version, List<ReportedSubject> subjects) {
    heard.add("changed " + node + " " + version + " " + containers(subjects));
  }

  private static List<String> containers(List<ReportedSubject> subjects) {
    return subjects.stream().map(ReportedSubject::container).toList();
  }

  @Override
  public void refused(String node, String version, String reason) {
    heard.add("refused " + node + " " + version + " " + reason);
  }

  @Override
  public void counted(String node, List<EventTotal> totals) {}

  @Override
  public void tooLarge(String node, String version, String reason) {
    heard.add("too large " + node + " " + version + " " + reason);
  }

  @Override
  public void inspected(String node, KernelInspection inspection) {
    heard.add("inspected " + node + " " + inspection);
  }

  @Override
  public void disconnected(String node) {
    heard.add("disconnected " + node);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
    sessions.close();
    reviews.close();
    shown.close();
    transport.close();
  }
}

package dev.custos.controller.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.controller.server.ConnectionLimits;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Refused;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What whoever reaches the port, or an agent that went wrong, can cost the controller. */
@Timeout(180)
class ConnectionLimitsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration NEVER = Duration.ofMinutes(10);
  private static final Duration SOON = Duration.ofSeconds(3);

  @TempDir Path directory;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private LinkServer server;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private void serve(ConnectionLimits limits) throws Exception {
    server = new LinkServer(directory, limits, NEVER);
    server.pod("agent-1", "node-1");
    server.pod("agent-2", "node-2");
  }

  private static ConnectionLimits times(Duration handshake, Duration idle, Duration keepAlive) {
    return new ConnectionLimits(1000, 1000, handshake, idle, keepAlive, keepAlive);
  }

  private static ConnectionLimits numbers(int inAll, int fromOneAddress) {
    return new ConnectionLimits(inAll, fromOneAddress, NEVER, NEVER, NEVER, NEVER);
  }

  private FakeAgent agent(String number) throws Exception {
    return server.agent(
        "node-" + number, server.tokens.of("agent-" + number, Instant.now().plusSeconds(3600)));
  }

  /** From 127.0.0.N. */
  private Socket connect(int from) throws IOException {
    byte[] address = {127, 0, 0, (byte) from};
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(), server.port(), InetAddress.getByAddress(address), 0);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    opened.add(socket);
    return socket;
  }

  /** Fails by a timeout if the server does not close it. */
  private static void assertClosed(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        // What the server has to say about it.
      }
    } catch (SocketException e) {
      // Closed without a farewell.
    }
  }

  /** Has the server answer, which it does to whoever it has let in. */
  private SSLSocket shakeHands(Socket socket) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("ca", server.authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket secure =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, "localhost", server.port(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  @Test
  void aMessageLargerThanTheLimitEndsItsStreamAndNoOther() throws Exception {
    serve(ConnectionLimits.USUAL);
    FakeAgent other = agent("2");
    other.awaitSnapshot(s -> true);
    FakeAgent agent = agent("1");
    agent.awaitSnapshot(s -> true);
    agent.send(refusal(SnapshotCodec.MAX_REPORT_BYTES - 100));
    await()
        .atMost(PATIENCE)
        .until(() -> server.heard.stream().anyMatch(line -> line.startsWith("refused node-1")));
    agent.send(refusal(SnapshotCodec.MAX_REPORT_BYTES));
    assertThat(agent.awaitEnd().getCode())
        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
    await().atMost(PATIENCE).until(() -> server.heard.contains("disconnected node-1"));
    assertThat(server.heard.stream().filter(line -> line.startsWith("refused"))).hasSize(1);
    server.sessions.send(LinkServer.snapshot("node-2", "v2"));
    other.awaitSnapshot(s -> s.version().equals("v2"));
  }

  private static AgentMessage refusal(int bytes) {
    return AgentMessage.newBuilder()
        .setRefused(Refused.newBuilder().setVersion("v1").setReason("x".repeat(bytes)))
        .build();
  }

  @Test
  void connectionsThatSayNothingAreClosed() throws Exception {
    serve(times(SOON, NEVER, NEVER));
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      silent.add(connect(1));
    }
    for (Socket one : silent) {
      assertClosed(one);
    }
    agent("1").awaitSnapshot(s -> true);
  }

  @Test
  void connectionsThatSpeakTlsAndOpenNoStreamAreClosed() throws Exception {
    serve(times(NEVER, SOON, NEVER));
    SSLSocket silent = shakeHands(connect(1));
    SSLSocket greeting = shakeHands(connect(1));
    // RFC 9113, section 3.4: the preface, and an empty SETTINGS frame.
    greeting
        .getOutputStream()
        .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(US_ASCII));
    assertClosed(greeting);
    assertClosed(silent);
  }

  @Test
  void aStreamThatSaysNoHelloIsEnded() throws Exception {
    server = new LinkServer(directory, ConnectionLimits.USUAL, SOON);
    server.pod("agent-1", "node-1");
    FakeAgent silent =
        new FakeAgent(server.channel(server.tokens.of("agent-1", Instant.now().plusSeconds(3600))));
    assertThat(silent.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(silent.awaitEnd().getDescription()).isEqualTo("no Hello");
    assertThat(silent.snapshots()).isEmpty();
  }

  @Test
  void connectionsBeyondThoseOfAnAddressAreClosedAtOnceAndOtherAddressesAreLetIn()
      throws Exception {
    serve(numbers(1000, 3));
    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      held.add(shakeHands(connect(2)));
    }
    assertThatThrownBy(() -> shakeHands(connect(2))).isInstanceOf(IOException.class);
    shakeHands(connect(3));
    agent("1").awaitSnapshot(s -> true);
    // One that ends makes room for another.
    held.get(0).close();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> shakeHands(connect(2)) != null);
  }

  @Test
  void connectionsBeyondThoseInAllAreClosedAtOnceAndAgentsStay() throws Exception {
    serve(numbers(4, 1000));
    FakeAgent agent = agent("1");
    agent.awaitSnapshot(s -> true);
    for (int i = 0; i < 3; i++) {
      shakeHands(connect(2 + i));
    }
    assertThatThrownBy(() -> shakeHands(connect(9))).isInstanceOf(IOException.class);
    server.sessions.send(LinkServer.snapshot("node-1", "v2"));
    agent.awaitSnapshot(s -> s.version().equals("v2"));
  }

  @Test
  void anAgentThatVanishedIsNoticed() throws Exception {
    serve(times(NEVER, NEVER, SOON));
    EventLoopGroup loops = new NioEventLoopGroup(1);
    CountDownLatch back = new CountDownLatch(1);
    try {
      FakeAgent agent =
          FakeAgent.of(
              "node-1",
              LinkServer.with(
                  server.tokens.of("agent-1", Instant.now().plusSeconds(3600)),
                  server.connection(loops)));
      agent.awaitSnapshot(s -> true);
      // As a stopped process: its kernel still takes what comes, and nobody answers.
      loops.execute(() -> awaitQuietly(back));
      await().atMost(PATIENCE).until(() -> server.heard.contains("disconnected node-1"));
    } finally {
      back.countDown();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

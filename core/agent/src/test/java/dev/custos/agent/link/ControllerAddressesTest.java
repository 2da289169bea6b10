package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.protocol.v1.AgentMessage;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A name that stands for several addresses, as that of the controller's headless service does. */
@Timeout(180)
class ControllerAddressesTest {
  private static final String NAME = "controllers.example";
  private static final String REFUSES = "127.0.0.2";
  private static final String SILENT = "127.0.0.3";
  private static final String LEADER = "127.0.0.4";
  private static final String NEXT_LEADER = "127.0.0.5";

  @TempDir Path directory;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private FakeController leader;
  private Process agent;

  @BeforeEach
  void serve() throws Exception {
    leader = controller(LEADER, 0);
  }

  @AfterEach
  void stop() throws Exception {
    if (agent != null) {
      agent.destroyForcibly().waitFor();
    }
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private FakeController controller(String address, int port) throws IOException {
    FakeController made =
        new FakeController(NettyServerBuilder.forAddress(new InetSocketAddress(address, port)));
    opened.add(made);
    return made;
  }

  /** Takes no connection and refuses none: its queue is full (listen(2), tcp(7)). */
  private void blackHole(String address, int port) throws IOException {
    ServerSocket full = new ServerSocket(port, 1, InetAddress.getByName(address));
    opened.add(full);
    for (int i = 0; i < 20; i++) {
      SocketChannel one = SocketChannel.open();
      opened.add(one);
      try {
        one.socket().connect(new InetSocketAddress(address, port), 300);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
    throw new AssertionError("the kernel takes connections beyond the backlog");
  }

  private Path hosts(String... addresses) throws IOException {
    Path next =
        Files.writeString(
            directory.resolve("next"),
            Stream.of(addresses).map(a -> a + " " + NAME + "\n").collect(Collectors.joining()));
    return Files.move(
        next,
        directory.resolve("hosts"),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private void start(String... addresses) throws Exception {
    agent =
        LinkProcess.start(
            hosts(addresses),
            NAME,
            leader.port(),
            directory.resolve("state"),
            directory.resolve("said"));
  }

  @Test
  void theLeaderIsFoundThoughOthersRefuseOrDoNotAnswer() throws Exception {
    blackHole(SILENT, leader.port());
    start(REFUSES, SILENT, LEADER);
    leader.send(Snapshots.of("v1", "/data"));
    leader.await(AgentMessage::hasApplied);
  }

  @Test
  void afterAHandOverTheNextLeaderIsFoundAlsoWhereNoneWasBefore() throws Exception {
    start(REFUSES, LEADER);
    leader.send(Snapshots.of("v1", "/data"));
    leader.await(AgentMessage::hasApplied);
    FakeController next = controller(NEXT_LEADER, leader.port());
    hosts(REFUSES, NEXT_LEADER);
    long begun = System.nanoTime();
    leader.close();
    assertThat(next.await(AgentMessage::hasHello).getHello().getSnapshotVersion()).isEqualTo("v1");
    System.out.printf(
        "the next leader was found after %d ms%n",
        Duration.ofNanos(System.nanoTime() - begun).toMillis());
  }
}

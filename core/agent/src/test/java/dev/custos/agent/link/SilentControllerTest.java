package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A controller that reads nothing, vanishes, or sends more than anybody takes. */
@Timeout(180)
class SilentControllerTest {
  private static final NodeSnapshot FIRST = Snapshots.of("v1", "/data");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int REFUSED = 20_000;

  @TempDir Path state;
  private final FakeNode node = new FakeNode();
  private final RecordingLinkListener recorder = new RecordingLinkListener();
  private FakeController controller;
  private ControllerLink link;

  @AfterEach
  void close() {
    if (link != null) {
      link.close();
    }
    controller.close();
  }

  private void start(LinkSettings.Patience patience) {
    link =
        new ControllerLink(
            new LinkSettings(
                "localhost",
                controller.port(),
                "node-1",
                "1",
                patience,
                Duration.ZERO,
                new LinkSecurity.PlainText()),
            List.of(),
            node,
            new SnapshotStore(state),
            recorder);
    link.start();
  }

  @Test
  void refusalsThatNobodyReadsDoNotPileUp() throws Exception {
    controller = new FakeController(0);
    controller.readsNothingAfterHello();
    start(FakeController.QUICK);
    controller.await(AgentMessage::hasHello);
    for (int i = 1; i <= REFUSED; i++) {
      // A version as long as may be told, and no node.
      controller.sendAtOnce(Snapshot.newBuilder().setVersion("v".repeat(500) + i).build());
    }
    await().atMost(PATIENCE).until(() -> recorder.refused.get() == REFUSED);
    controller.readsAgain();
    String last = "v".repeat(500) + REFUSED;
    controller.await(m -> m.hasRefused() && m.getRefused().getVersion().equals(last));
    // What buffers between the two ends took; all of them would be 10 MB.
    assertThat(controller.received).hasSizeLessThan(REFUSED / 2);
  }

  @Test
  void aControllerThatVanishedIsNoticedAndWhatItAskedForStays() throws Exception {
    EventLoopGroup loops = new NioEventLoopGroup(1);
    CountDownLatch back = new CountDownLatch(1);
    controller =
        new FakeController(
            NettyServerBuilder.forPort(0)
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops));
    try {
      // The least that gRPC allows.
      start(
          new LinkSettings.Patience(
              Duration.ofMillis(20),
              Duration.ofMillis(100),
              Duration.ofSeconds(10),
              Duration.ofMillis(500)));
      controller.send(FIRST);
      controller.await(AgentMessage::hasApplied);
      // As a stopped process: its kernel still takes what comes, and nobody answers.
      loops.execute(() -> awaitQuietly(back));
      await().atMost(PATIENCE).until(() -> recorder.heard.contains("disconnected"));
      assertThat(recorder.faults.get(0)).contains("UNAVAILABLE");
      assertThat(node.applied).containsExactly(FIRST);
    } finally {
      back.countDown();
    }
    // And found again when it is back.
    controller.awaitMessages(AgentMessage::hasHello, 2);
    controller.close();
    assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(30, TimeUnit.SECONDS))
        .isTrue();
  }

  @Test
  void aSnapshotLargerThanAnyAgentTakesLeavesTheOldOneInForce() throws Exception {
    controller = new FakeController(0);
    start(FakeController.QUICK);
    controller.send(FIRST);
    controller.await(AgentMessage::hasApplied);
    controller.send(
        Snapshot.newBuilder()
            .setVersion("x".repeat(SnapshotCodec.MAX_MESSAGE_BYTES))
            .setNode("node-1")
            .build());
    await().atMost(PATIENCE).until(() -> recorder.heard.contains("disconnected"));
    assertThat(recorder.faults.get(0)).contains("RESOURCE_EXHAUSTED");
    controller.awaitMessages(AgentMessage::hasHello, 2);
    NodeSnapshot next = Snapshots.of("v2", "/srv");
    controller.send(next);
    controller.await(m -> m.hasApplied() && m.getApplied().getVersion().equals("v2"));
    assertThat(node.applied).containsExactly(FIRST, next);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.Hello;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that takes nothing costs the controller next to nothing. */
@Timeout(180)
class SlowAgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SNAPSHOTS = 400;

  @TempDir Path directory;
  private LinkServer server;

  /** Says Hello, and reads only when it is told to. */
  private static final class SlowAgent
      implements ClientResponseObserver<AgentMessage, ControllerMessage> {
    final List<String> versions = new CopyOnWriteArrayList<>();
    private ClientCallStreamObserver<AgentMessage> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<AgentMessage> stream) {
      requests = stream;
      stream.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(ControllerMessage message) {
      versions.add(message.getSnapshot().getVersion());
    }

    @Override
    public void onError(Throwable fault) {}

    @Override
    public void onCompleted() {}
  }

  @BeforeEach
  void serve() throws Exception {
    server = new LinkServer(directory);
    server.pod("agent-1", "node-1");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** About 100 KB each, so all of them are far more than any buffer on the way. */
  private static NodeSnapshot snapshot(int number) {
    String[] paths =
        IntStream.range(0, 1000).mapToObj(i -> "/" + "x".repeat(95) + i).toArray(String[]::new);
    return new NodeSnapshot(
        "v" + number, "node-1", List.of(LinkServer.target("containerd://of-node-1", paths)));
  }

  @Test
  void whoReadsNothingGetsTheNewestOnceHeReadsAndNothingPilesUpUntilThen() throws Exception {
    SlowAgent agent = new SlowAgent();
    AgentLinkGrpc.newStub(
            server.channel(server.tokens.of("agent-1", Instant.now().plusSeconds(3600))))
        .connect(agent);
    agent.requests.onNext(
        AgentMessage.newBuilder().setHello(Hello.newBuilder().setNode("node-1")).build());
    await().atMost(PATIENCE).until(() -> agent.versions.size() == 1);
    for (int i = 2; i <= SNAPSHOTS; i++) {
      server.sessions.send(snapshot(i));
    }
    agent.requests.request(SNAPSHOTS);
    await().atMost(PATIENCE).until(() -> agent.versions.contains("v" + SNAPSHOTS));
    assertThat(agent.versions.get(agent.versions.size() - 1)).isEqualTo("v" + SNAPSHOTS);
    // What buffers between the two ends took; all of them would be 40 MB.
    assertThat(agent.versions).hasSizeLessThan(SNAPSHOTS / 2);
  }
}

package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.FakeAgent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program itself, in a process of its own and over a real port. */
@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class RunTest {
  KubernetesClient client;

  @TempDir Path directory;

  @Test
  void anAgentConnectsToThePortAndTheStreamEndsWhenTheProgramIsStopped() throws Exception {
    try (ControllerProcess controller = ControllerProcess.start(kubeconfig())) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
      FakeAgent agent = FakeAgent.of("node-1", channel);
      assertThat(agent.awaitSnapshot(s -> true).targets()).isEmpty();
      boolean ended = controller.stop();
      agent.awaitEnd();
      channel.shutdownNow();
      assertThat(ended).isTrue();
    }
  }

  private Path kubeconfig() throws IOException {
    return Files.writeString(
        directory.resolve("config"),
        """
        apiVersion: v1
        kind: Config
        current-context: mock
        contexts: [{name: mock, context: {cluster: mock, user: mock}}]
        clusters: [{name: mock, cluster: {server: "%s", insecure-skip-tls-verify: true}}]
        users: [{name: mock, user: {}}]
        """
            .formatted(client.getMasterUrl()));
  }
}

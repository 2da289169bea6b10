package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.FakeAgent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program itself, in a process of its own and over a real port. */
@Timeout(120)
@EnableKubernetesMockClient(crud = true)
class RunTest {
  private static final Pattern READY = Pattern.compile("ready: agents connect to port (\\d+)");

  KubernetesClient client;

  @TempDir Path directory;

  @Test
  void anAgentConnectsToThePortAndTheStreamEndsWhenTheProgramIsStopped() throws Exception {
    Process process = start();
    try {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", awaitPort(process)).usePlaintext().build();
      FakeAgent agent = FakeAgent.of("node-1", channel);
      assertThat(agent.awaitSnapshot(s -> true).targets()).isEmpty();
      process.destroy();
      agent.awaitEnd();
      channel.shutdownNow();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    Path config = directory.resolve("config");
    Files.writeString(
        config,
        """
        apiVersion: v1
        kind: Config
        current-context: mock
        contexts: [{name: mock, context: {cluster: mock, user: mock}}]
        clusters: [{name: mock, cluster: {server: "%s", insecure-skip-tls-verify: true}}]
        users: [{name: mock, user: {}}]
        """
            .formatted(client.getMasterUrl()));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            CustosController.class.getName(),
            "run",
            "--insecure",
            "--port",
            "0");
    builder.environment().put("KUBECONFIG", config.toString());
    return builder.redirectErrorStream(true).start();
  }

  private static int awaitPort(Process process) throws IOException {
    StringBuilder said = new StringBuilder();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        return Integer.parseInt(ready.group(1));
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("the program ended early:\n" + said);
  }
}

package dev.custos.controller.cli;

import dev.custos.controller.Controller;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    description = "Runs the controller until it is stopped.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final int HIGHEST_PORT = 65535;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "9444",
      description = "Where agents connect to; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--insecure",
      description = {
        "Serve plain text, and believe every agent what node it says it is. For a laptop only:"
            + " whoever reaches the port can read every node's snapshot."
      })
  private boolean insecure;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (!insecure) {
      throw new ParameterException(
          spec.commandLine(),
          "agents can't prove who they are yet, so snapshots can only be served without"
              + " protection; say --insecure if that is what you want on this machine");
    }
    if (port < 0 || port > HIGHEST_PORT) {
      throw new ParameterException(
          spec.commandLine(), "--port " + port + ": a port is from 0 to " + HIGHEST_PORT);
    }
    try (KubernetesClient client = ApiServer.connect();
        Controller controller = new Controller(client, transport())) {
      // Ctrl-C and SIGTERM: end the streams, so that agents look elsewhere at once.
      Runtime.getRuntime().addShutdownHook(new Thread(controller::close, "shutdown"));
      controller.start();
      spec.commandLine().getErr().println("ready: agents connect to port " + controller.port());
      spec.commandLine().getErr().flush();
      controller.awaitTermination();
    }
    return 0;
  }

  private NettyServerBuilder transport() {
    // A node that vanished without a word is noticed after these two.
    return NettyServerBuilder.forPort(port)
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .permitKeepAliveTime(5, TimeUnit.SECONDS);
  }
}
